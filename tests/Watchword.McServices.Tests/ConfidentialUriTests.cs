using CsCheck;

namespace Watchword.McServices.Tests;

public sealed class ConfidentialUriTests
{
    [Fact]
    public void A_URI_has_the_form_of_the_clause_and_comes_back()
    {
        using SignallingConfidentialityKey key = Samples.CipherKey();
        string uri = ConfidentialUri.Encrypt(Samples.UserUri, key);
        uri.ShouldMatch(
            "^sip:[A-Za-z0-9+/]+=*;iv=[A-Za-z0-9+/]{16};key-id=KgsMDQ==;alg=128-aes-gcm@mc1-encrypted\\.3gppnetwork\\.org$");

        ConfidentialUri.TryParse(uri, out ConfidentialUri? parsed).ShouldBeTrue();
        parsed.XpkId.ShouldBe(Samples.CskId);
        parsed.TryDecrypt(key, out string? clear).ShouldBeTrue();
        clear.ShouldBe(Samples.UserUri);
    }

    [Fact]
    public void Every_URI_comes_back_and_is_encrypted_differently_every_time() =>
        Gen.Char['!', '\u07FF'].Array[1, 80].Sample(text =>
    {
        string uri = new([.. text.Where(c => c != '\u007F'), 'a']);
        using SignallingConfidentialityKey key = Samples.CipherKey();
        string first = ConfidentialUri.Encrypt(uri, key), second = ConfidentialUri.Encrypt(uri, key);
        first.ShouldNotBe(second);
        foreach (string encrypted in new[] { first, second })
        {
            ConfidentialUri.TryParse(encrypted, out ConfidentialUri? parsed).ShouldBeTrue();
            parsed.TryDecrypt(key, out string? clear).ShouldBeTrue();
            clear.ShouldBe(uri);
        }
    });

    [Fact]
    public void No_octet_can_be_changed_removed_or_doubled()
    {
        using SignallingConfidentialityKey key = Samples.CipherKey();
        string uri = ConfidentialUri.Encrypt(Samples.UserUri, key);
        for (int at = 0; at < uri.Length; at++)
        {
            for (int bit = 0; bit < 7; bit++)
            {
                Decrypt(uri[..at] + (char)(uri[at] ^ (1 << bit)) + uri[(at + 1)..], key).ShouldBeNull($"octet {at}, bit {bit}");
            }

            Decrypt(uri[..at] + uri[(at + 1)..], key).ShouldBeNull($"without octet {at}");
            Decrypt(uri[..at] + uri[at] + uri[at..], key).ShouldBeNull($"octet {at} doubled");
            Decrypt(uri[..at], key).ShouldBeNull($"cut to {at}");
        }

        Decrypt(uri, key).ShouldBe(Samples.UserUri);
    }

    [Theory]
    [InlineData("sip:alice@mc.example.org")]
    [InlineData("sip:mc1-encrypted.3gppnetwork.org")]
    [InlineData("sip:@mc1-encrypted.3gppnetwork.org")]
    [InlineData("sip:;iv=;key-id=;alg=@mc1-encrypted.3gppnetwork.org")]
    [InlineData("sip:AAAA;iv=AAAAAAAAAAAAAAAA;key-id=KgsMDQ==;alg=128-aes-gcm@mc1-encrypted.3gppnetwork.org")]
    [InlineData("sip:AAAAAAAAAAAAAAAAAAAAAA==;iv=AAAAAAAAAAAAAAAA;key-id=KgsMDQ==;alg=128-aes-gcm@mc1-encrypted.3gppnetwork.org")]
    [InlineData("sip:AAAAAAAAAAAAAAAAAAAAAAAA;key-id=KgsMDQ==;iv=AAAAAAAAAAAAAAAA;alg=128-aes-gcm@mc1-encrypted.3gppnetwork.org")]
    [InlineData("sip:AAAAAAAAAAAAAAAAAAAAAAAA;iv=AAAAAAAAAAAAAAAA;key-id=KgsMDQ==;alg=256-aes-gcm@mc1-encrypted.3gppnetwork.org")]
    [InlineData(
        "sip:AAAAAAAAAAAAAAAAAAAAAAAA;iv=AAAAAAAAAAAAAAAA;key-id=KgsMDQ==;alg=128-aes-gcm;x=y@mc1-encrypted.3gppnetwork.org")]
    [InlineData(
        "sip:AAAAAAAAAAAAAAAAAAAAAAAA;iv=AAAAAAAAAAAAAAAA;key-id=KgsMDQ==;alg=128-aes-gcm@mc1-encrypted.3gppnetwork.org.example")]
    [InlineData(
        "sips:AAAAAAAAAAAAAAAAAAAAAAAA;iv=AAAAAAAAAAAAAAAA;key-id=KgsMDQ==;alg=128-aes-gcm@mc1-encrypted.3gppnetwork.org")]
    [InlineData("")]
    public void Anything_else_is_not_taken_for_one(string uri) => ConfidentialUri.TryParse(uri, out _).ShouldBeFalse();

    [Fact]
    public void Another_key_identifier_or_host_opens_nothing()
    {
        using SignallingConfidentialityKey key = Samples.CipherKey(), other = Samples.CipherKey(other: true),
            otherId = Samples.CipherKey(0x2A0B0C0E);
        string uri = ConfidentialUri.Encrypt(Samples.UserUri, key);
        Decrypt(uri, other).ShouldBeNull();
        Decrypt(uri, otherId).ShouldBeNull();
        ConfidentialUri.TryParse(uri, out _, "encrypted.example.org").ShouldBeFalse();
        string own = ConfidentialUri.Encrypt(Samples.UserUri, key, "encrypted.example.org");
        ConfidentialUri.TryParse(own, out _).ShouldBeFalse();
        ConfidentialUri.TryParse(own, out ConfidentialUri? parsed, "encrypted.example.org").ShouldBeTrue();
        parsed.TryDecrypt(key, out string? clear).ShouldBeTrue();
        clear.ShouldBe(Samples.UserUri);
    }

    [Fact]
    public void What_is_no_URI_is_refused_on_either_side()
    {
        SignallingConfidentialityKey key = Samples.CipherKey();
        Should.Throw<ArgumentException>(() => ConfidentialUri.Encrypt("", key));
        Should.Throw<ArgumentException>(() => ConfidentialUri.Encrypt("sip:a b@example.org", key));
        Should.Throw<ArgumentException>(() => ConfidentialUri.Encrypt("sip:a\u0000@example.org", key));
        Should.Throw<ArgumentException>(() => ConfidentialUri.Encrypt(new string('a', 2049), key));
        Should.Throw<ArgumentException>(() => ConfidentialUri.Encrypt(Samples.UserUri, key, "a;b@c"));
        Decrypt(ConfidentialUri.Encrypt(new string('a', 2048), key), key).ShouldBe(new string('a', 2048));
        Should.Throw<ArgumentException>(() => new SignallingConfidentialityKey(new byte[15], 0));
        key.ToString().ShouldBe(typeof(SignallingConfidentialityKey).FullName);
        key.Dispose();
        Should.Throw<ObjectDisposedException>(() => ConfidentialUri.Encrypt(Samples.UserUri, key));
    }

    private static string? Decrypt(string uri, SignallingConfidentialityKey key) =>
        ConfidentialUri.TryParse(uri, out ConfidentialUri? parsed) && parsed.TryDecrypt(key, out string? clear) ? clear : null;
}
