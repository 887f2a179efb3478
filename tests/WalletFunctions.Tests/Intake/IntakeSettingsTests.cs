using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.Intake;

public sealed class IntakeSettingsTests
{
    [Fact]
    public void Read_WithoutAQueue_IgnoresTheConnection() => Assert.Null(TestSettings.Read(("Intake:queueServiceUri", "https://x.queue.core.windows.net")).Intake);

    [Fact]
    public void Read_AnAccount_TakesItsQueuesAndTheIdentity()
    {
        var intake = TestSettings.Read(
            ("Webhooks:Intake", "Queue"), ("Webhooks:MaxAge", "7.00:00:00"), ("Intake:queueServiceUri", "https://x.queue.core.windows.net/"), ("Intake:credential", "ManagedIdentity"),
            ("Intake:clientId", "7c1d2e90-13ab-4c55-b6a2-9d8e7f605142")).Intake!;

        Assert.Equal((TimeSpan.FromDays(7), "https://x.queue.core.windows.net/", "7c1d2e90-13ab-4c55-b6a2-9d8e7f605142", (string?)null),
            (intake.MaxAge, intake.QueueServiceUri!.AbsoluteUri, intake.ClientId, intake.ConnectionString));
    }

    [Theory]
    [InlineData("UseDevelopmentStorage=true", true)]
    [InlineData("DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=Zm9v;QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1;", true)]
    [InlineData("QueueEndpoint=http://localhost:10001/x;AccountName=x;AccountKey=Zm9v", true)]
    [InlineData("DefaultEndpointsProtocol=https;AccountName=x;AccountKey=Zm9v;EndpointSuffix=core.windows.net", false)]
    [InlineData("QueueEndpoint=https://x.queue.core.windows.net/;SharedAccessSignature=sig", false)]
    [InlineData("QueueEndpoint=http://127.0.0.1:1/x;QueueEndpoint=https://x.queue.core.windows.net/", false)]
    [InlineData("QueueEndpoint=http://127.0.0.1:1/x", false)]
    [InlineData("QueueEndpoint=http://127.0.0.1:1/x;AccountName=x", false)]
    [InlineData("QueueEndpoint=http://127.0.0.1:1/x;AccountKey=Zm9v", false)]
    [InlineData("QueueEndpoint=http://127.0.0.1:1/x;AccountName=x;AccountKey=", false)]
    [InlineData("QueueEndpoint=http://127.0.0.1:1/x;AccountName=x;AccountKey=key", false)]
    [InlineData("QueueEndpoint=http://127.0.0.1:1/x;AccountName=;AccountKey=Zm9v", false)]
    [InlineData("QueueEndpoint=http://127.0.0.1:1/x; AccountName=x;AccountKey=Zm9v", false)]
    [InlineData("UseDevelopmentStorage=false", false)]
    [InlineData("x", false)]
    public void Read_AConnectionString_OnlyOfThisMachine(string connectionString, bool accepted)
    {
        if (accepted)
        {
            Assert.Equal(connectionString, TestSettings.Read(("Webhooks:Intake", "queue"), ("Intake", connectionString)).Intake!.ConnectionString);
            return;
        }

        var problem = Assert.Single(Assert.Throws<SettingsException>(() => TestSettings.Read(("Webhooks:Intake", "queue"), ("Intake", connectionString))).Problems);
        Assert.StartsWith("Intake must not be a connection string", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("Zm9v", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Webhooks:Intake", "direct")]
    [InlineData("Intake", "UseDevelopmentStorage=true")]
    public void Read_WithoutNeedForTheAccount_ChecksItsSettingsAsWell(string name, string value)
    {
        var problems = Assert.Throws<SettingsException>(() => TestSettings.Read(
            ("Webhooks:Intake", "queue"), (name, value), ("Intake:queueServiceUrl", "https://x.queue.core.windows.net"), ("Intake:credential", "key"), ("Intake:queueServiceUri", "x"))).Problems;

        Assert.Equal(["Intake:credential", "Intake:queueServiceUri", "Intake:queueServiceUrl"], problems.Select(problem => problem.Split(' ')[0]).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Webhooks:Intake", "Queues", "Webhooks:Intake")]
    [InlineData("Webhooks:MaxAge", "7.00:00:01", "Webhooks:MaxAge")]
    [InlineData("Webhooks:MaxAge", "00:00:59", "Webhooks:MaxAge")]
    [InlineData("Intake:queueServiceUri", "", "Intake:queueServiceUri")]
    [InlineData("Intake:queueServiceUri", "http://localhost:10001", "Intake:queueServiceUri")]
    [InlineData("Intake:queueServiceUri", "https://x.queue.core.windows.net/path", "Intake:queueServiceUri")]
    [InlineData("Intake:credential", "key", "Intake:credential")]
    [InlineData("Intake:clientId", "my-identity", "Intake:clientId")]
    [InlineData("Intake:accountKey", "Zm9v", "Intake:accountKey")]
    public void Read_ASettingThatCannotBeUsed_IsNamed(string name, string value, string named)
    {
        var problem = Assert.Single(Assert.Throws<SettingsException>(
            () => TestSettings.Read(("Webhooks:Intake", "queue"), ("Intake:queueServiceUri", "https://x.queue.core.windows.net"), (name, value))).Problems);

        Assert.StartsWith(named + " ", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("Zm9v", problem, StringComparison.Ordinal);
    }
}
