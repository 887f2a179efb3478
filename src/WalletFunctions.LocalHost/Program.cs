using WalletFunctions;
using WalletFunctions.LocalHost;

try
{
    await using var host = await LocalHostApp.StartAsync(args);
    Console.WriteLine(await Banner.ForAsync(host));
    await host.WaitForShutdownAsync();
    return 0;
}
catch (SettingsException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}
catch (IOException exception) when (exception.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
{
    await Console.Error.WriteLineAsync(
        $"{exception.Message} Choose another address: dotnet run --project src/WalletFunctions.LocalHost --urls http://localhost:7072");
    return 1;
}
