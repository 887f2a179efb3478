using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Core.FunctionMetadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using WalletFunctions;
using WalletFunctions.Intake;

try
{
    var builder = FunctionsApplication.CreateBuilder(args);
    builder.Services.AddWalletFunctions(builder.Configuration).AddTelemetryExport(builder.Configuration);
    builder.Services.AddSingleton<IHostLifetime, WorkerLifetime>();
    builder.Services.AddSingleton<IFunctionMetadataProvider>(services => new FunctionsInUse(new GeneratedFunctionMetadataProvider(), services.GetService<IntakeQueue>()));
    builder.Logging.AddProvider(new BackgroundEvents());
    builder.Build().Run();
    return 0;
}
catch (SettingsException exception)
{
    // The host logs each line of standard error separately, and as an error only if it contains a word such as "error".
    await Console.Error.WriteLineAsync($"error: the configuration cannot be used: {string.Join("; ", exception.Problems)}");
    return 1;
}
