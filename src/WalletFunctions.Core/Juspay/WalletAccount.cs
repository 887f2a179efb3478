using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace WalletFunctions.Juspay;

/// <summary>
/// Juspay's <c>wallet_account</c>, field for field and with the fields that we do not know, but in one form: <c>linked</c> is a JSON boolean
/// (Juspay's samples also show <c>"false"</c>), and a <c>token</c>, a one-time secret, is null wherever it occurs. Where Juspay repeats our API key,
/// asterisks replace it.
/// </summary>
public sealed class WalletAccount
{
    // Escapes only what JSON demands: our answers are JSON to whoever reads them, never part of a page.
    private static readonly JsonWriterOptions AsTheyStood = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private WalletAccount(string id, bool linked, ReadOnlyMemory<byte> json)
    {
        Id = id;
        Linked = linked;
        Json = json;
    }

    /// <summary>Juspay's <c>id</c>, in full.</summary>
    public string Id { get; }

    /// <summary>Whether Juspay says that the wallet is linked.</summary>
    public bool Linked { get; }

    /// <summary>The whole object as UTF-8.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>Reads Juspay's answer. It never throws; <paramref name="problem"/> says what is wrong with an answer that is no wallet.</summary>
    internal static bool TryRead(
        ReadOnlyMemory<byte> body, JuspayApiKey apiKey, [NotNullWhen(true)] out WalletAccount? account, [NotNullWhen(false)] out string? problem) =>
        StrictJson.TryRead(
            body,
            (JsonElement wallet, out string? why) => TryReadState(wallet, out var id, out var linked, out why)
                ? new WalletAccount(id, linked, Rewrite(wallet, linked, apiKey))
                : null,
            out account,
            out problem);

    /// <summary>The two members that everything depends on, in all their forms.</summary>
    internal static bool TryReadState(JsonElement wallet, [NotNullWhen(true)] out string? id, out bool linked, [NotNullWhen(false)] out string? problem)
    {
        linked = default;
        id = wallet.Text("id"u8);
        if (wallet.ValueKind is not JsonValueKind.Object)
        {
            problem = "it is not a JSON object";
        }
        else if (id is null)
        {
            problem = "it has no wallet id";
        }
        else if (!wallet.TryGetProperty("linked"u8, out var member) || AsBoolean(member) is not { } state)
        {
            problem = "it does not say whether the wallet is linked";
        }
        else
        {
            linked = state;
            problem = null;
            return true;
        }

        return false;
    }

    private static bool? AsBoolean(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String when element.ValueEquals("true"u8) => true,
        JsonValueKind.String when element.ValueEquals("false"u8) => false,
        _ => null,
    };

    private static ReadOnlyMemory<byte> Rewrite(JsonElement wallet, bool linked, JuspayApiKey apiKey)
    {
        // It becomes hardly longer; the rest is what the writer likes to have in hand.
        var buffer = new ArrayBufferWriter<byte>(JsonMarshal.GetRawUtf8Value(wallet).Length + 256);
        using var writer = new Utf8JsonWriter(buffer, AsTheyStood);
        writer.WriteStartObject();
        foreach (var member in wallet.EnumerateObject())
        {
            if (member.NameEquals("linked"u8))
            {
                writer.WriteBoolean("linked"u8, linked);
            }
            else
            {
                CopyWithoutToken(member, writer, apiKey);
            }
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    private static void CopyWithoutToken(JsonProperty member, Utf8JsonWriter writer, JuspayApiKey apiKey)
    {
        var name = JsonMarshal.GetRawUtf8PropertyName(member);
        bool isToken;
        if (NeedsRedaction(name, apiKey))
        {
            writer.WritePropertyName(apiKey.Redact(member.Name));
            isToken = member.Name.Equals("token", StringComparison.OrdinalIgnoreCase);
        }
        else
        {
            writer.WritePropertyName(name);
            isToken = Ascii.EqualsIgnoreCase(name, "token"u8);
        }

        if (isToken)
        {
            writer.WriteNullValue();
        }
        else
        {
            CopyWithoutTokens(member.Value, writer, apiKey);
        }
    }

    /// <summary>Whether raw JSON holds the key, or an escape behind which a part of the key may be.</summary>
    private static bool NeedsRedaction(ReadOnlySpan<byte> raw, JuspayApiKey apiKey) => raw.Contains((byte)'\\') || apiKey.IsIn(raw);

    private static void CopyWithoutTokens(JsonElement element, Utf8JsonWriter writer, JuspayApiKey apiKey)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in element.EnumerateObject())
                {
                    CopyWithoutToken(member, writer, apiKey);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    CopyWithoutTokens(item, writer, apiKey);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String or JsonValueKind.Number when NeedsRedaction(JsonMarshal.GetRawUtf8Value(element), apiKey):
                writer.WriteStringValue(apiKey.Redact(element.ToString()));
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }
}
