using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;
using WalletFunctions;

var builder = FunctionsApplication.CreateBuilder(args);
builder.Services.AddWalletFunctions(builder.Configuration).AddTelemetryExport(builder.Configuration);
builder.Build().Run();
