using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Reflection;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace WalletFunctions.Tests.Support.Functions;

/// <summary>
/// Converts the messages between a Functions host and its worker to and from JSON. The worker's own types are internal, but their protobuf descriptor is
/// public. The JSON omits members with their default value, for example a failed status or the user category of a log line.
/// Source: https://github.com/Azure/azure-functions-language-worker-protobuf.
/// </summary>
internal sealed class WorkerProtocol
{
    /// <summary>The path of the only call that a worker makes, a stream of messages in both directions.</summary>
    public const string Path = "/AzureFunctionsRpcMessages.FunctionRpc/EventStream";

    // One byte for compression and four for the length of the message. Source: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md.
    private const int PrefixLength = 5;

    private readonly MessageDescriptor _message;

    private WorkerProtocol(MessageDescriptor message) => _message = message;

    /// <param name="folder">A folder with the assemblies of the worker's packages.</param>
    public static WorkerProtocol LoadFrom(string folder)
    {
        var assembly = Assembly.LoadFrom(System.IO.Path.Combine(folder, "Microsoft.Azure.Functions.Worker.Grpc.dll"));
        var reflection = assembly.GetTypes().Single(type => type.Name is "FunctionRpcReflection");
        var file = (FileDescriptor)reflection.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;
        return new(file.MessageTypes.Single(type => type.Name is "StreamingMessage"));
    }

    public byte[] Write(JsonObject message)
    {
        var content = JsonParser.Default.Parse(message.ToJsonString(), _message);
        var bytes = new byte[PrefixLength + content.CalculateSize()];
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), bytes.Length - PrefixLength);
        content.WriteTo(bytes.AsSpan(PrefixLength));
        return bytes;
    }

    /// <summary>Returns the messages until the other side ends the stream.</summary>
    public async IAsyncEnumerable<JsonObject> ReadAllAsync(PipeReader reader)
    {
        while (true)
        {
            var read = await reader.ReadAsync();
            var buffer = read.Buffer;
            while (Take(ref buffer) is { } content)
            {
                yield return JsonNode.Parse(JsonFormatter.Default.Format(_message.Parser.ParseFrom(content)))!.AsObject();
            }

            if (read.IsCompleted)
            {
                yield break;
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private static byte[]? Take(ref ReadOnlySequence<byte> buffer)
    {
        if (buffer.Length < PrefixLength)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(buffer.Slice(1, 4).ToArray());
        if (buffer.Length < PrefixLength + length)
        {
            return null;
        }

        var content = buffer.Slice(PrefixLength, length).ToArray();
        buffer = buffer.Slice(PrefixLength + length);
        return content;
    }
}
