using System.Text;
using WalletFunctions.Webhooks;

namespace WalletFunctions.Tests.Webhooks;

public sealed class WebhookSignatureTests
{
    // The test vector that Standard Webhooks publishes. openssl computes the same signature:
    //   printf '%s' 'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}' |
    //     openssl dgst -sha256 -mac HMAC -macopt hexkey:$(printf '%s' MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw | base64 -d | xxd -p -c 64) -binary | base64
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private const string Timestamp = "1614265330";
    private const string Body = """{"test": 2432232314}""";
    private const string Signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    private const string OtherSecret = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1614265330);

    [Fact]
    public void IsValid_PublishedVector_IsTrue() => Assert.True(IsValid());

    [Fact]
    public void Sign_PublishedVector_IsTheSame() => Assert.Equal(Signature, WebhookSignature.Sign(WebhookSender.Own.Scheme, Id, Timestamp, Encoding.UTF8.GetBytes(Body), Secrets(Secret)));

    [Fact]
    public void IsValid_AnyBitOfTheHeadersChanged_IsFalse()
    {
        foreach (var id in EveryBitOf(Id))
        {
            Assert.False(IsValid(id: id), id);
        }

        foreach (var timestamp in EveryBitOf(Timestamp))
        {
            Assert.False(IsValid(timestamp: timestamp, now: Now), timestamp);
        }

        foreach (var signature in EveryBitOf(Signature))
        {
            Assert.False(IsValid(signature: signature), signature);
        }
    }

    [Fact]
    public void IsValid_AnyBitOfBodyOrSecretChanged_IsFalse()
    {
        foreach (var body in EveryBitOf(Body))
        {
            Assert.False(IsValid(body: body), body);
        }

        var key = Convert.FromBase64String(Secret["whsec_".Length..]);
        for (var bit = 0; bit < key.Length * 8; bit++)
        {
            key[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(IsValid(secrets: "whsec_" + Convert.ToBase64String(key)));
            key[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Theory]
    [InlineData(-300, true)]
    [InlineData(300, true)]
    [InlineData(-301, false)]
    [InlineData(301, false)]
    [InlineData(86400, false)]
    public void IsValid_Window_IsFiveMinutesOnEitherSide(int seconds, bool valid) => Assert.Equal(valid, IsValid(now: Now.AddSeconds(seconds)));

    [Theory]
    [InlineData(Secret + " " + OtherSecret)]
    [InlineData(OtherSecret + "\n" + Secret + "\n")]
    public void IsValid_SeveralSecrets_AnyMatchPasses(string secrets) => Assert.True(IsValid(secrets: secrets));

    [Theory]
    [InlineData("v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= " + Signature)]
    [InlineData(Signature + " v1a,abc")]
    [InlineData("v1,AAAA " + Signature + " v1,BBBB")]
    [InlineData(Signature + " " + Signature)]
    [InlineData("  " + Signature + "  ")]
    public void IsValid_SeveralSignatures_AnyMatchPasses(string signature) => Assert.True(IsValid(signature: signature));

    [Theory]
    [InlineData(31, true)]
    [InlineData(32, false)]
    public void IsValid_ManySignatures_32AreLookedAt(int others, bool valid) =>
        Assert.Equal(valid, IsValid(signature: string.Concat(Enumerable.Repeat("v1,AAAA ", others)) + Signature));

    [Theory]
    [InlineData("")]
    [InlineData("v1,")]
    [InlineData("v1")]
    [InlineData("g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")]
    [InlineData("v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")]
    [InlineData("V1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")]
    [InlineData("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE")]
    [InlineData("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OF=")]
    [InlineData("v1,g0hM9SsE-OTPJTGt_tmIKtSyZlE3uFJELVlNIOLJ1OE=")]
    [InlineData("v1,é")]
    public void IsValid_OtherSignatures_AreFalse(string signature) => Assert.False(IsValid(signature: signature));

    [Theory]
    [InlineData("")]
    [InlineData(" 1614265330")]
    [InlineData("+1614265330")]
    [InlineData("1614265330.0")]
    [InlineData("0x60381e72")]
    [InlineData("-1")]
    [InlineData("9999999999999999999999")]
    public void IsValid_TimestampThatIsNotDigits_IsFalse(string timestamp) => Assert.False(IsValid(
        timestamp: timestamp, signature: WebhookSignature.Sign(WebhookSender.Own.Scheme, Id, timestamp, Encoding.UTF8.GetBytes(Body), Secrets(Secret))));

    [Theory]
    [InlineData(12, true)]
    [InlineData(13, false)]
    public void IsValid_TimestampPaddedWithZeros_IsValidUpTo12Digits(int length, bool valid)
    {
        var timestamp = Timestamp.PadLeft(length, '0');

        Assert.Equal(valid, IsValid(timestamp: timestamp, signature: WebhookSignature.Sign(WebhookSender.Own.Scheme, Id, timestamp, Encoding.UTF8.GetBytes(Body), Secrets(Secret))));
    }

    [Theory]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public void IsValid_LongId_IsValidUpTo256Characters(int length, bool valid)
    {
        var id = new string('m', length);

        Assert.Equal(valid, IsValid(id: id, signature: WebhookSignature.Sign(WebhookSender.Own.Scheme, id, Timestamp, Encoding.UTF8.GetBytes(Body), Secrets(Secret))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("msg.1")]
    [InlineData("msg 1")]
    [InlineData("msg\n1")]
    [InlineData("msgé")]
    public void IsValid_IdThatCouldMeanTwoMessages_IsFalse(string id) => Assert.False(IsValid(
        id: id, signature: WebhookSignature.Sign(WebhookSender.Own.Scheme, id, Timestamp, Encoding.UTF8.GetBytes(Body), Secrets(Secret))));

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("whsec_")]
    [InlineData("whsec_!!!!")]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa==")]
    [InlineData("whsec_AAAA")]
    [InlineData("WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData(Secret + " plain")]
    public void Secrets_ThatCannotSign_AreRefusedWithoutShowingThem(string stored)
    {
        Assert.False(WebhookSecrets.TryParse(stored, SecretEncoding.Whsec, out var secrets, out var problem));

        Assert.Null(secrets);
        Assert.DoesNotContain("MfKQ", problem, StringComparison.Ordinal);
        Assert.Contains(string.IsNullOrWhiteSpace(stored) ? "1 to 8 secrets" : "base64 of 24 to 64 random bytes", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_TooLongOrTooMany_AreRefused()
    {
        Assert.True(WebhookSecrets.TryParse("whsec_" + Convert.ToBase64String(new byte[64]), SecretEncoding.Whsec, out _, out _));
        Assert.False(WebhookSecrets.TryParse("whsec_" + Convert.ToBase64String(new byte[65]), SecretEncoding.Whsec, out _, out _));
        Assert.False(WebhookSecrets.TryParse(string.Join(' ', Enumerable.Repeat(Secret, 9)), SecretEncoding.Whsec, out _, out _));
        Assert.True(WebhookSecrets.TryParse(string.Join(' ', Enumerable.Repeat(Secret, 8)), SecretEncoding.Whsec, out var secrets, out _));
        Assert.Equal("***", $"{secrets}");
    }

    [Fact]
    public void Secrets_AreEqual_OnlyWhenAllOfThemAre()
    {
        var secrets = Secrets(Secret + " " + OtherSecret);

        Assert.Equal(Secrets(Secret + "\n" + OtherSecret), secrets);
        Assert.Equal(Secrets(Secret + "\n" + OtherSecret).GetHashCode(), secrets.GetHashCode());
        Assert.All([Secret, Secret + " " + Secret, OtherSecret + " " + Secret], other => Assert.NotEqual(Secrets(other), secrets));
        Assert.False(secrets.Equals(null));
        Assert.False(secrets.Equals((object)Secret));
    }

    private static bool IsValid(
        string id = Id, string timestamp = Timestamp, string body = Body, string signature = Signature, string secrets = Secret, DateTimeOffset? now = null) =>
        WebhookSignature.IsValid(WebhookSender.Own.Scheme, new DeliveryHeaders(id, timestamp, signature), Encoding.Latin1.GetBytes(body), Secrets(secrets), now ?? Now);

    private static WebhookSecrets Secrets(string stored)
    {
        Assert.True(WebhookSecrets.TryParse(stored, SecretEncoding.Whsec, out var secrets, out var problem), problem);
        return secrets;
    }

    internal static IEnumerable<string> EveryBitOf(string text)
    {
        for (var bit = 0; bit < text.Length * 8; bit++)
        {
            var bytes = Encoding.Latin1.GetBytes(text);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            yield return Encoding.Latin1.GetString(bytes);
        }
    }
}
