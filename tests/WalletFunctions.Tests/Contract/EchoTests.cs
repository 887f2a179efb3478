using System.Text;
using System.Text.Json;
using CsCheck;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.Contract;

/// <summary>Juspay repeats the credentials in its answers. No part of them reaches the log or the caller.</summary>
public sealed class EchoTests
{
    private const int Run = 12;

    private static readonly Gen<string> Keys = Gen.String[Gen.Char['!', '~'].Where(c => c is not ':'), 24, 72];

    /// <summary>The key in a form that a program which received it might write.</summary>
    private static readonly Gen<Func<string, string>> Forms = Among<Func<string, string>>(
        key => key, key => key + ":", key => Base64(key + ":"), key => Base64(key), key => Base64(key).TrimEnd('='), key => "Basic " + Base64(key + ":"),
        key => $"{key} and again {Base64(key)}");

    private static readonly Gen<string> Around = Gen.OneOf(Gen.Const(""), Gen.String[Gen.Char[" abc,;=/\"'<>"], 0, 300]);

    private static readonly Gen<Func<string, Fault>> Places = Among<Func<string, Fault>>(
        echo => Refusal(400, $$"""{"error_message":{{Json(echo)}},"status":"x"}"""),
        echo => Refusal(400, $$"""{"status":{{Json(echo)}}}"""),
        echo => Refusal(409, $$"""{"error_code":{{Json(echo)}}}"""),
        echo => Refusal(401, $$"""{"error_info":{"code":{{Json(echo)}},"developer_message":{{Json(echo)}} } }"""),
        echo => Refusal(403, $$"""{"error_info":{"user_message":{{Escaped(echo)}},"request_id":{{Escaped(echo)}} } }"""),
        echo => Refusal(404, $$"""{"error_message":"no","error_info":{"code":"RESOURCE_NOT_FOUND","request_id":{{Json(echo)}} } }"""),
        echo => Refusal(500, echo),
        echo => Refusal(200, echo),
        echo => Refusal(429, "{}") with { Headers = Header("x-request-id", echo) },
        echo => Refusal(400, "{}") with { Headers = Header("x-response-id", echo) },
        echo => Success("\"PAYTM\"", "1") with { Headers = Header("x-request-id", echo) },
        echo => Success(Json(echo), "1"),
        echo => Success(Escaped(echo), "1"),
        echo => Success("\"PAYTM\"", $$"""[1,{"deep":[{{Json(echo)}}]}]"""),
        echo => Success("\"PAYTM\"", $$"""{ {{Json(echo)}}:true}"""),
        echo => Success("\"PAYTM\"", $$"""{ {{Escaped(echo)}}:null}"""));

    private static readonly Gen<(Func<string, Fault> Place, Func<string, string> Form, string Before, string Behind)> Echoes = Gen.Select(Places, Forms, Around, Around);

    [SimulatorFact]
    public async Task Juspay_Repeating50KeysIn5000Answers_LeaksNoPartOfThem()
    {
        await using var host = await TestHost.StartAsync(["--Juspay:MaxAttempts=1"]);
        var logged = 0;
        // The clock must not pass the limit of the first read while that read is running.
        Assert.Equal(200, (await host.GetAsync("/health/ready")).Status);
        await Gen.Select(Keys, Echoes.Array[100]).SampleAsync(
            async sample =>
            {
                var (key, echoes) = sample;
                // Juspay refused the previous sample's key, and the vault had no newer one then, so the vault is read again only after 30 seconds.
                host.Time.Advance(TimeSpan.FromSeconds(30));
                host.Simulation.StoreSecret(key, enabled: true, expiresOn: null);
                host.Juspay.Accept(key);
                Assert.Equal(200, (await host.DelinkAsync()).Status);
                var secrets = new[] { key, Base64(key + ":"), Base64(key) }.SelectMany(Runs).Distinct(StringComparer.Ordinal).ToArray();
                foreach (var (place, form, before, behind) in echoes)
                {
                    var fault = place(before + form(key) + behind);
                    host.Fault(fault);

                    var answer = await host.DelinkAsync();

                    host.Simulation.Faults.Clear();
                    var seen = string.Join('\n', [.. host.Transcript.Logs.Skip(logged), answer.Headers, answer.Body, Unescaped(answer.Body)]);
                    logged = host.Transcript.Logs.Count;
                    var leaked = Array.Find(secrets, secret => seen.Contains(secret, StringComparison.Ordinal));
                    Assert.True(leaked is null, $"{leaked} of {key} for {fault}\n{seen}");
                }
            },
            iter: 50, threads: 1);
    }

    [SimulatorFact]
    public async Task Juspay_RepeatingTheKeyInAList_LeaksNoPartOfIt()
    {
        await using var host = await TestHost.StartAsync();
        var provider = Json(new string('x', 50) + host.Simulation.ApiKey);
        host.Fault(new Fault
        {
            Method = "GET",
            Status = 200,
            Body = $$"""{"list":[{"id":"wlm_vNb87tTUvbb86bD","linked":true,"wallet":{{provider}} }],"total":1}""",
        });

        var answer = await host.DelinkCustomerAsync();

        Assert.Equal(200, answer.Status);
        Assert.Contains("xx***\"", answer.Body, StringComparison.Ordinal);
    }

    private static Gen<T> Among<T>(params T[] choices) => Gen.Int[0, choices.Length - 1].Select(choice => choices[choice]);

    private static Fault Refusal(int status, string body) => new() { Status = status, Body = body };

    private static Fault Success(string wallet, string other) => new()
    {
        Status = 200,
        Body = $$"""{"id":"{{TestHost.Paytm}}","linked":false,"wallet":{{wallet}},"other":{{other}} }""",
    };

    private static Dictionary<string, string> Header(string name, string value) => new(StringComparer.OrdinalIgnoreCase) { [name] = value };

    private static string Base64(string text) => Convert.ToBase64String(Encoding.ASCII.GetBytes(text));

    private static string Json(string text) => $"\"{JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    /// <summary>Returns a JSON string in which every third character is escaped.</summary>
    private static string Escaped(string text) => $"\"{string.Concat(text.Select((c, at) => at % 3 is 0 || c is '"' or '\\' ? $"\\u{(int)c:x4}" : $"{c}"))}\"";

    private static string Unescaped(string json) => System.Text.RegularExpressions.Regex.Unescape(json.Replace("\\/", "/", StringComparison.Ordinal));

    private static IEnumerable<string> Runs(string secret) => Enumerable.Range(0, secret.Length - Run + 1).Select(at => secret.Substring(at, Run));
}
