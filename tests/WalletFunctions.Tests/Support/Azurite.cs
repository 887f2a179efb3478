using System.Diagnostics;
using System.Text;

namespace WalletFunctions.Tests.Support;

/// <summary>Azurite, the storage emulator of Microsoft, from npm: an independent implementation of the queue service.</summary>
internal sealed class Azurite : IDisposable
{
    private const string Account = "delinks";

    private static readonly string Key = Convert.ToBase64String(Encoding.UTF8.GetBytes("the key of an emulator"));
    private static readonly NpmPackages Packages = new("azurite", "the queue is only a simulated one", "azurite@3.37.0");

    private readonly Process _process;
    private readonly int _port;

    private Azurite(Process process, int port) => (_process, _port) = (process, port);

    /// <summary>Why it cannot be used here; null if it can.</summary>
    public static string? WhyNot => Packages.WhyNot;

    public string ConnectionString => $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};QueueEndpoint=http://127.0.0.1:{_port}/{Account}";

    public static async Task<Azurite> StartAsync()
    {
        // The client asks for a newer API than this version knows.
        var process = Process.Start(new ProcessStartInfo("node",
        [
            Packages.PathOf("azurite", "dist", "src", "queue", "main.js"), "--silent", "--queueHost", "127.0.0.1", "--queuePort", "0",
            "--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck",
        ])
        {
            WorkingDirectory = Packages.Folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            Environment = { ["AZURITE_ACCOUNTS"] = $"{Account}:{Key}" },
        })!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Split("successfully listens on ") is [_, var address])
            {
                return new Azurite(process, new Uri(address).Port);
            }
        }

        throw new InvalidOperationException("Azurite ended before it listened.");
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
