// The app: its plan, its settings, and its callers.

import {
  callerAuthentication as callerAuthenticationType
  juspaySettings
  keyVaultSettings as keyVaultSettingsType
  merchant
  sizing as sizingType
  tags as tagsType
  webhookEvents as webhookEventsType
  webhookIntake as webhookIntakeType
  webhookSender
} from '../types.bicep'
import { instances } from '../sizes.bicep'

@description('The name of the app, with which its host name starts.')
param name string

@description('The name of the plan.')
param planName string

@description('The region.')
param location string

@description('Tags.')
param tags tagsType

@description('The size of an instance.')
param sizing sizingType

@description('The largest number of instances.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int

@description('The subnet of the app\'s outgoing calls; none without a network.')
param subnetId string?

@description('The name of the app\'s identity.')
param identityName string

@description('The storage account of the Functions host.')
param storageName string

@description('The container of the deployed package.')
param packagesContainerName string

@description('The Application Insights component for the telemetry.')
param insightsName string

@description('The vault from which secrets are read.')
param vaultName string

@description('Juspay:* settings.')
param juspay juspaySettings

@description('KeyVault:* settings.')
param keyVaultSettings keyVaultSettingsType

@description('Audit:HashSecretName; without it, records have no hashes.')
param auditHashSecretName string?

@description('Webhooks:CustomerEvents and Webhooks:WalletEvents.')
param webhookEvents webhookEventsType

@description('Webhooks:Intake.')
param webhookIntake webhookIntakeType

@description('Webhooks:MaxAge.')
param webhookMaxAge string?

@description('Webhooks:Senders:* settings.')
param webhookSenders webhookSender[]

@description('Merchants:* settings.')
param merchants merchant[]

@description('Merchants:RequireMatch.')
param requireMerchant bool

@description('The credentials of a caller.')
param callerAuthentication callerAuthenticationType

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource storage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: storageName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vaultName
}

var instance = instances[sizing]

// The names are those of settings.md. Null values are omitted, so that the defaults are only in the code.
var juspayAppSettings = {
  Juspay__BaseUrl: juspay.baseUrl
  Juspay__MerchantId: juspay.?merchantId
  Juspay__AttemptTimeout: juspay.?attemptTimeout
  Juspay__TotalTimeout: juspay.?totalTimeout
  Juspay__CustomerTimeout: juspay.?customerTimeout
  Juspay__MaxAttempts: juspay.?maxAttempts == null ? null : string(juspay.maxAttempts!)
}
var keyVaultAppSettings = {
  KeyVault__ApiKeySecretName: keyVaultSettings.?apiKeySecretName
  KeyVault__WebhookSecretName: keyVaultSettings.?webhookSecretName
  KeyVault__RefreshInterval: keyVaultSettings.?refreshInterval
}
var auditAppSettings = {
  Audit__HashSecretName: auditHashSecretName
}
var webhookAppSettings = {
  Webhooks__CustomerEvents: webhookEvents.?customer == null ? null : join(webhookEvents.customer!, ' ')
  Webhooks__Intake: webhookIntake == 'queue' ? 'queue' : null
  Webhooks__MaxAge: webhookMaxAge
  Webhooks__WalletEvents: webhookEvents.?wallet == null ? null : join(webhookEvents.wallet!, ' ')
}
var senderAppSettings = reduce(
  webhookSenders,
  {},
  (all, one) =>
    union(
      all,
      {
        'Webhooks__Senders__${one.name}__Preset': one.preset
        'Webhooks__Senders__${one.name}__SecretName': one.?secretName
        'Webhooks__Senders__${one.name}__Merchant': one.?merchant
        'Webhooks__Senders__${one.name}__CustomerEvents': one.?customerEvents == null ? null : join(one.customerEvents!, ' ')
        'Webhooks__Senders__${one.name}__WalletEvents': one.?walletEvents == null ? null : join(one.walletEvents!, ' ')
        'Webhooks__Senders__${one.name}__EventType': one.?eventType
        'Webhooks__Senders__${one.name}__CustomerId': one.?customerId
        'Webhooks__Senders__${one.name}__WalletId': one.?walletId
        'Webhooks__Senders__${one.name}__Items': one.?items
        'Webhooks__Senders__${one.name}__EventTime': one.?eventTime
        'Webhooks__Senders__${one.name}__MaxAge': one.?maxAge
        'Webhooks__Senders__${one.name}__CustomerIdFormat': one.?customerIdFormat
        'Webhooks__Senders__${one.name}__PublicUrl': one.?publicUrl
        'Webhooks__Senders__${one.name}__SuccessStatus': one.?successStatus == null ? null : string(one.successStatus!)
      },
      mapValues(toObject(items(one.?signature ?? {}), setting => 'Webhooks__Senders__${one.name}__${setting.key}'), setting => setting.value)
    )
)
// A merchant exists by its settings, so each has at least one.
var merchantAppSettings = reduce(
  merchants,
  {},
  (all, one) =>
    union(all, {
      'Merchants__${one.name}__MerchantId': one.?merchantId
      'Merchants__${one.name}__BaseUrl': one.?baseUrl ?? juspay.baseUrl
      'Merchants__${one.name}__ApiKeySecretName': one.?apiKeySecretName
      'Merchants__${one.name}__WebhookSecretName': one.?webhookSecretName
    })
)
var configured = filter(
  items(union(juspayAppSettings, keyVaultAppSettings, auditAppSettings, webhookAppSettings, senderAppSettings, merchantAppSettings)),
  setting => setting.value != null
)

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: union(tags, {
    'azd-service-name': 'wallet-functions'
  })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: 'Enabled'
    virtualNetworkSubnetId: subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${packagesContainerName}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
      runtime: {
        name: 'dotnet-isolated'
        version: '10.0'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instance.memoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: instance.alwaysReady == 0 ? [] : [{ name: 'http', instanceCount: instance.alwaysReady }]
        triggers: {
          http: {
            perInstanceConcurrency: instance.concurrency
          }
        }
      }
    }
    siteConfig: {
      appSettings: concat(
        // The names of the host's extension, which reads the same settings for its trigger.
        webhookIntake == 'queue'
          ? [
              { name: 'Intake__clientId', value: identity.properties.clientId }
              { name: 'Intake__credential', value: 'managedidentity' }
              { name: 'Intake__queueServiceUri', value: storage.properties.primaryEndpoints.queue }
            ]
          : [],
        [
          { name: 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING', value: 'ClientId=${identity.properties.clientId};Authorization=AAD' }
          // Not a secret: the component accepts telemetry only from identities with a role.
          { name: 'APPLICATIONINSIGHTS_CONNECTION_STRING', value: insights.properties.ConnectionString }
          { name: 'AZURE_CLIENT_ID', value: identity.properties.clientId }
          { name: 'AZURE_TOKEN_CREDENTIALS', value: 'ManagedIdentityCredential' }
          // A POST to / would be answered with 200 and a page, which a caller could mistake for success.
          { name: 'AzureWebJobsDisableHomepage', value: 'true' }
          // The host uses the blob service's URL. For the platform's scale controller only the account's name is documented.
          { name: 'AzureWebJobsStorage__accountName', value: storageName }
          { name: 'AzureWebJobsStorage__blobServiceUri', value: storage.properties.primaryEndpoints.blob }
          { name: 'AzureWebJobsStorage__clientId', value: identity.properties.clientId }
          { name: 'AzureWebJobsStorage__credential', value: 'managedidentity' }
          { name: 'KeyVault__Uri', value: vault.properties.vaultUri }
          { name: 'Merchants__RequireMatch', value: string(requireMerchant) }
        ],
        map(configured, setting => { name: setting.key, value: setting.value })
      )
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
    }
  }

  // Deployments use an Entra token, so user name and password are disabled.
  resource basicPublishingByFtp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: {
      allow: false
    }
  }

  resource basicPublishingByScm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: {
      allow: false
    }
  }
}

resource authentication 'Microsoft.Web/sites/config@2025-03-01' = if (callerAuthentication.mode == 'functionKeysAndEntra') {
  parent: app
  name: 'authsettingsV2'
  properties: {
    platform: {
      enabled: true
    }
    globalValidation: {
      requireAuthentication: true
      unauthenticatedClientAction: 'Return401'
      // Webhooks are verified by their signature, and health reveals nothing.
      excludedPaths: [
        '/health'
        '/webhooks/*'
      ]
    }
    httpSettings: {
      requireHttps: true
    }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: callerAuthentication.?clientId
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
        }
        validation: {
          // The audience of version 2 tokens is the client id, that of version 1 tokens the application's URI.
          allowedAudiences: [
            callerAuthentication.?clientId
            'api://${callerAuthentication.?clientId}'
          ]
          defaultAuthorizationPolicy: {
            allowedApplications: callerAuthentication.?allowedApplications
          }
        }
      }
    }
    login: {
      tokenStore: {
        enabled: false
      }
    }
  }
}

output hostName string = app.properties.defaultHostName
