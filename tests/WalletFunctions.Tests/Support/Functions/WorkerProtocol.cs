using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Reflection;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace WalletFunctions.Tests.Support.Functions;

/// <summary>
/// The messages between a Functions host and its worker, as JSON: the worker's own types for them are internal, but protobuf's description of
/// them is public. In the JSON form, a member with its default value is missing: a failed status, say, or the user category of a log.
/// Source: https://github.com/Azure/azure-functions-language-worker-protobuf.
/// </summary>
internal sealed class WorkerProtocol
{
    /// <summary>The path of the one call that a worker makes: a stream of messages in either direction.</summary>
    public const string Path = "/AzureFunctionsRpcMessages.FunctionRpc/EventStream";

    // A byte that says whether the message is compressed, and its length. Source: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md.
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

    /// <summary>The messages until the other side ends the stream.</summary>
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
