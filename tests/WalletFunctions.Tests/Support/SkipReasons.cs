using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

[assembly: TestFramework("WalletFunctions.Tests.Support.SkipReasons", "WalletFunctions.Tests")]

namespace WalletFunctions.Tests.Support;

/// <summary>
/// Extends xunit's framework to write the reason of each skipped test to the output of the run, because VSTest at the default verbosity shows only the names
/// of skipped tests. The reasons are diagnostic messages, which <c>xunit.runner.json</c> switches on.
/// </summary>
public sealed class SkipReasons(IMessageSink diagnostics) : XunitTestFramework(diagnostics)
{
    /// <inheritdoc />
    protected override ITestFrameworkExecutor CreateExecutor(AssemblyName assemblyName) =>
        new Executor(assemblyName, SourceInformationProvider, DiagnosticMessageSink);

    private sealed class Executor(AssemblyName assemblyName, ISourceInformationProvider sources, IMessageSink diagnostics)
        : XunitTestFrameworkExecutor(assemblyName, sources, diagnostics)
    {
        protected override void RunTestCases(
            IEnumerable<IXunitTestCase> testCases, IMessageSink executionMessageSink, ITestFrameworkExecutionOptions executionOptions) =>
            base.RunTestCases(testCases, new Results(executionMessageSink, DiagnosticMessageSink), executionOptions);
    }

    private sealed class Results(IMessageSink results, IMessageSink diagnostics) : LongLivedMarshalByRefObject, IMessageSink
    {
        public bool OnMessage(IMessageSinkMessage message)
        {
            if (message is ITestSkipped skipped)
            {
                diagnostics.OnMessage(new DiagnosticMessage($"{skipped.Test.DisplayName} is skipped: {skipped.Reason}"));
            }

            return results.OnMessage(message);
        }
    }
}
