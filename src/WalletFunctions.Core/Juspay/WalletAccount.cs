using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using WalletFunctions.Tools;

namespace WalletFunctions.Juspay;

/// <summary>
/// Juspay's <c>wallet_account</c> with all its fields, documented or not, in one form: <c>linked</c> is a JSON boolean (Juspay's samples also show
/// <c>"false"</c>), every <c>token</c>, a one-time secret, is null, and asterisks replace the API key.
/// </summary>
internal sealed class WalletAccount
{
    // Escapes only what JSON requires, because answers are read as JSON and never embedded in a page.
    private static readonly JsonWriterOptions Unescaped = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private WalletAccount(string id, bool linked, ReadOnlyMemory<byte> json)
    {
        Id = id;
        Linked = linked;
        Json = json;
    }

    /// <summary>Juspay's <c>id</c>, in full.</summary>
    public string Id { get; }

    public bool Linked { get; }

    /// <summary>The whole object as UTF-8.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>Reads Juspay's answer without exceptions; <paramref name="problem"/> says why an answer is not a wallet.</summary>
    public static bool TryRead(
        ReadOnlyMemory<byte> body, JuspayApiKey apiKey, [NotNullWhen(true)] out WalletAccount? account, [NotNullWhen(false)] out string? problem) =>
        StrictJson.TryRead(
            body,
            (JsonElement wallet, out string? why) => TryReadState(wallet, out var id, out var linked, out why)
                ? new WalletAccount(id, linked, Rewrite(wallet, linked, body.Span, apiKey))
                : null,
            out account,
            out problem);

    /// <summary>Reads the two members that decisions depend on, in all their forms.</summary>
    public static bool TryReadState(JsonElement wallet, [NotNullWhen(true)] out string? id, out bool linked, [NotNullWhen(false)] out string? problem)
    {
        id = wallet.Text("id"u8);
        var state = AsBoolean(wallet.Member("linked"u8));
        problem = wallet.ValueKind is not JsonValueKind.Object ? "it is not a JSON object"
            : id is null ? "it has no wallet id"
            : state is null ? "it does not say whether the wallet is linked"
            : null;
        linked = state ?? false;
        return problem is null;
    }

    private static bool? AsBoolean(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String when element.ValueEquals("true"u8) => true,
        JsonValueKind.String when element.ValueEquals("false"u8) => false,
        _ => null,
    };

    private static ReadOnlyMemory<byte> Rewrite(JsonElement wallet, bool linked, ReadOnlySpan<byte> body, JuspayApiKey apiKey)
    {
        // The writer asks for 256 bytes more than it needs.
        var buffer = new ArrayBufferWriter<byte>(body.Length + 256);
        using var writer = new Utf8JsonWriter(buffer, Unescaped);
        // The usual body contains neither the key nor an escape that could hide it. Its texts are copied without becoming strings.
        Write(wallet, writer, body.Contains((byte)'\\') || apiKey.IsIn(body) ? apiKey : null, linked);
        writer.Flush();
        return buffer.WrittenMemory;
    }

    private static void Write(JsonElement element, Utf8JsonWriter writer, JuspayApiKey? toRedact, bool? linked = null)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in element.EnumerateObject())
                {
                    WriteMember(member, writer, toRedact, linked);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    Write(item, writer, toRedact);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String or JsonValueKind.Number
                when toRedact is not null && element.ToString() is var text && toRedact.Redact(text) is var redacted && redacted != text:
                writer.WriteStringValue(redacted);
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }

    private static void WriteMember(JsonProperty member, Utf8JsonWriter writer, JuspayApiKey? toRedact, bool? linked)
    {
        var name = toRedact is null ? JsonMarshal.GetRawUtf8PropertyName(member) : Encoding.UTF8.GetBytes(member.Name);
        writer.WritePropertyName(toRedact is null ? name : Encoding.UTF8.GetBytes(toRedact.Redact(member.Name)));
        if (linked is { } state && name.SequenceEqual("linked"u8))
        {
            writer.WriteBooleanValue(state);
        }
        else if (Ascii.EqualsIgnoreCase(name, "token"u8))
        {
            writer.WriteNullValue();
        }
        else
        {
            Write(member.Value, writer, toRedact);
        }
    }
}
