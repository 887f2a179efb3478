using System.Diagnostics;
using System.Reflection;
using System.Text;

namespace WalletFunctions.Infrastructure.Tests;

/// <summary>The Bicep CLI without a network: one reused process, and single commands where they are necessary.</summary>
internal sealed class Bicep : IDisposable
{
    /// <summary>The operator's variables, with invented ids of a realistic form. The committed snapshots contain them.</summary>
    private static readonly Dictionary<string, string> OperatorsVariables = new()
    {
        ["ALERT_EMAIL"] = "on-call@example.com",
        ["ENTRA_CALLER_IDS"] = "7c1d2e90-13ab-4c55-b6a2-9d8e7f605142,c4a5b6d7-e8f9-4a0b-8c1d-2e3f40516273",
        ["ENTRA_CLIENT_ID"] = "0f3c8f2a-6a0b-4f6e-8a6d-2f7d1f0c9b34",
        ["JUSPAY_MERCHANT_ID"] = "my_merchant",
        ["SECRET_OFFICERS_GROUP_ID"] = "5b0d6a3e-8f0e-4f5b-9a55-0c1f0e7f6a21",
    };

    private readonly Process _server = Start(["jsonrpc", "--stdio"], redirectInput: true);
    private int _requests;

    public static IEnumerable<string> OperatorsVariableNames => OperatorsVariables.Keys;

    /// <summary>Runs one command and waits for its end.</summary>
    public static Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments) =>
        RunAsync(new Dictionary<string, string>(), arguments);

    /// <summary>Runs one command with some of the operator's variables set differently, and waits for its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(Dictionary<string, string> variables, params string[] arguments)
    {
        using var process = Start(arguments, redirectInput: false, variables);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }

    /// <summary>The template that is sent to Azure.</summary>
    public JsonNode Compile(string file)
    {
        var result = Ask("bicep/compile", new JsonObject { ["path"] = file });
        return (bool)result["success"]!
            ? JsonNode.Parse((string)result["contents"]!)!
            : throw new InvalidOperationException(result["diagnostics"]!.ToJsonString());
    }

    /// <summary>The file as the formatter writes it.</summary>
    public string Format(string file) => (string)Ask("bicep/format", new JsonObject { ["path"] = file })["contents"]!;

    /// <summary>The resources that a deployment with these parameters creates, with its outputs sorted by name, because the CLI does not sort them.</summary>
    public JsonObject Snapshot(string parametersFile, string? resourceGroup)
    {
        var result = Ask("bicep/getSnapshot", new JsonObject
        {
            ["path"] = parametersFile,
            ["metadata"] = new JsonObject
            {
                ["tenantId"] = "3d1f6c5e-2b7a-4a8e-9c0d-6e5f4a3b2c1d",
                ["subscriptionId"] = "8a7b6c5d-4e3f-4a2b-9c1d-0e9f8a7b6c5d",
                ["resourceGroup"] = resourceGroup,
                ["location"] = "centralindia",
                ["deploymentName"] = null,
            },
            ["externalInputs"] = null,
        });
        var snapshot = JsonNode.Parse((string)result["snapshot"]!)!.AsObject();
        snapshot["outputs"] = new JsonObject(snapshot["outputs"]!.AsObject().OrderBy(output => output.Key, StringComparer.Ordinal)
            .Select(output => KeyValuePair.Create(output.Key, output.Value?.DeepClone())));
        return snapshot;
    }

    public void Dispose()
    {
        _server.Kill();
        _server.Dispose();
    }

    private static Process Start(string[] arguments, bool redirectInput, Dictionary<string, string>? variables = null)
    {
        var bicep = typeof(Bicep).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key is "Bicep").Value!;
        if (OperatingSystem.IsWindows())
        {
            bicep += ".exe";
        }
        else if (!File.GetUnixFileMode(bicep).HasFlag(UnixFileMode.UserExecute))
        {
            // NuGet packages do not record which files are executable.
            File.SetUnixFileMode(bicep, File.GetUnixFileMode(bicep) | UnixFileMode.UserExecute);
        }

        var start = new ProcessStartInfo(bicep, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = redirectInput,
            RedirectStandardOutput = true,
            RedirectStandardError = !redirectInput,
            StandardOutputEncoding = Encoding.UTF8,
            WorkingDirectory = Repository.Infra,
        };
        foreach (var (name, value) in OperatorsVariables.Concat(variables ?? []))
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Sends a JSON-RPC request with the framing of the Language Server Protocol, and returns its result.</summary>
    private JsonNode Ask(string method, JsonObject parameters)
    {
        lock (_server)
        {
            var request = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = ++_requests, ["method"] = method, ["params"] = new JsonArray(parameters) };
            var body = Encoding.UTF8.GetBytes(request.ToJsonString());
            var input = _server.StandardInput.BaseStream;
            input.Write(Encoding.ASCII.GetBytes($"Content-Length: {body.Length}\r\n\r\n"));
            input.Write(body);
            input.Flush();

            var output = _server.StandardOutput.BaseStream;
            var length = 0;
            while (ReadLine(output) is { Length: > 0 } header)
            {
                if (header.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
                {
                    length = int.Parse(header.AsSpan("Content-Length:".Length), null);
                }
            }

            var answer = new byte[length];
            output.ReadExactly(answer);
            var message = JsonNode.Parse(answer)!;
            return message["result"] ?? throw new InvalidOperationException($"{method}: {message["error"]?.ToJsonString()}");
        }
    }

    private static string ReadLine(Stream stream)
    {
        var line = new StringBuilder();
        for (var next = stream.ReadByte(); next is not '\n'; next = stream.ReadByte())
        {
            line.Append(next is -1 ? throw new EndOfStreamException("The Bicep CLI has ended.") : (char)next);
        }

        return line.ToString().TrimEnd('\r');
    }
}
