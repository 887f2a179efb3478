using Azure;
using Azure.Identity;
using WalletFunctions.Secrets;

namespace WalletFunctions.Tests.Secrets;

/// <summary>Exceptions of the Azure clients that the simulators cannot produce.</summary>
public sealed class SecretFailureTests
{
    private const string Message = "whatever a library says, perhaps a secret";

    public static TheoryData<Exception, SecretFault> Exceptions => new()
    {
        { new OperationCanceledException(Message), SecretFault.Unreachable },
        { new AggregateException(new RequestFailedException(0, Message), new RequestFailedException(0, Message)), SecretFault.Unreachable },
        { new RequestFailedException(401, Message), SecretFault.Denied },
        { new RequestFailedException(403, "<html>a proxy's page</html>"), SecretFault.Denied },
        { new RequestFailedException(404, Message), SecretFault.Missing },
        { new RequestFailedException(418, Message), SecretFault.Unreachable },
        { new CredentialUnavailableException(Message), SecretFault.Denied },
        { new AuthenticationFailedException(Message), SecretFault.Unreachable },
        { new InvalidOperationException(Message), SecretFault.Unreachable },
    };

    [Theory]
    [MemberData(nameof(Exceptions))]
    public void Of_Exception_NamesTheFaultAndNotTheMessage(Exception exception, SecretFault fault)
    {
        var failure = SecretFailure.Of(exception, "my-secret");

        Assert.Equal(fault, failure.Fault);
        Assert.NotEmpty(failure.Detail);
        Assert.DoesNotContain(exception.Message, failure.Detail, StringComparison.Ordinal);
    }
}
