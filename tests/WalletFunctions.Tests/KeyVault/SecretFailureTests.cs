using Azure;
using Azure.Identity;
using WalletFunctions.KeyVault;

namespace WalletFunctions.Tests.KeyVault;

/// <summary>Rare exceptions in Azure that the simulators do not cause.</summary>
public sealed class SecretFailureTests
{
    private const string Message = "whatever a library says, perhaps a secret";

    public static TheoryData<Exception, string> Exceptions => new()
    {
        { new OperationCanceledException(Message), nameof(SecretFault.Unreachable) },
        { new AggregateException(new RequestFailedException(0, Message), new RequestFailedException(0, Message)), nameof(SecretFault.Unreachable) },
        { new RequestFailedException(401, Message), nameof(SecretFault.Denied) },
        { new RequestFailedException(403, "<html>a proxy's page</html>"), nameof(SecretFault.Denied) },
        { new RequestFailedException(404, Message), nameof(SecretFault.Missing) },
        { new RequestFailedException(418, Message), nameof(SecretFault.Unreachable) },
        { new CredentialUnavailableException(Message), nameof(SecretFault.Denied) },
        { new AuthenticationFailedException(Message), nameof(SecretFault.Unreachable) },
        { new InvalidOperationException(Message), nameof(SecretFault.Unreachable) },
    };

    [Theory]
    [MemberData(nameof(Exceptions), DisableDiscoveryEnumeration = true)]
    public void Of_Exception_NamesTheFaultAndNotTheMessage(Exception exception, string fault)
    {
        var failure = SecretFailure.Of(exception, "my-secret");

        Assert.Equal(fault, failure.Fault.ToString());
        Assert.NotEmpty(failure.Detail);
        Assert.DoesNotContain(exception.Message, failure.Detail, StringComparison.Ordinal);
    }
}
