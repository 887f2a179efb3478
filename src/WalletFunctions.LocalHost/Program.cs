using System.Net.Sockets;
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
    await Console.Error.WriteLineAsync(exception.Problems is [var only] ? only : exception.Message);
    return 1;
}
catch (Exception exception) when (exception is SocketException or IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException })
{
    await Console.Error.WriteLineAsync(
        $"{exception.Message.TrimEnd('.')}. Choose another address: dotnet run --project src/WalletFunctions.LocalHost --urls http://localhost:7072");
    return 1;
}
