using Watchword.Mikey;

namespace Watchword.McServices.Tests;

/// <summary>
/// A client and a server that have the same CSK derive the same keys (TS 33.180 F.1.4) and read each other; nobody else does.
/// </summary>
public sealed class DerivedSignallingKeyTests
{
    private static readonly byte[] _csk = [.. Enumerable.Range(0, 16).Select(i => (byte)(0x90 + i))];

    [Fact]
    public void Client_and_server_read_each_other_under_keys_derived_from_the_CSK()
    {
        (SignallingConfidentialityKey clientCipher, SignallingIntegrityKey clientMac) = Derive(_csk, Samples.CskId,
            Samples.UserUri);
        (SignallingConfidentialityKey serverCipher, SignallingIntegrityKey serverMac) = Derive(_csk, Samples.CskId,
            Samples.UserUri);

        Opens(clientCipher, clientMac, serverCipher, serverMac).ShouldBeTrue();
        Opens(serverCipher, serverMac, clientCipher, clientMac).ShouldBeTrue();
        ConfidentialUri.TryParse(ConfidentialUri.Encrypt(Samples.UserUri, clientCipher), out ConfidentialUri? uri).ShouldBeTrue();
        uri.TryDecrypt(serverCipher, out string? clear).ShouldBeTrue();
        clear.ShouldBe(Samples.UserUri);
    }

    [Theory]
    [InlineData(0x91, Samples.CskId, Samples.UserUri)]
    [InlineData(0x90, Samples.CskId + 1, Samples.UserUri)]
    [InlineData(0x90, Samples.CskId, "sip:bob.ptt@mc.example.org")]
    public void Another_CSK_another_identifier_or_another_user_reads_nothing(int first, uint id, string user)
    {
        (SignallingConfidentialityKey cipher, SignallingIntegrityKey mac) = Derive(_csk, Samples.CskId, Samples.UserUri);
        byte[] csk = [(byte)first, .. _csk.AsSpan(1)];
        (SignallingConfidentialityKey otherCipher, SignallingIntegrityKey otherMac) = Derive(csk, id, user);
        Opens(cipher, mac, otherCipher, otherMac).ShouldBeFalse();
        Opens(cipher, mac, cipher, otherMac).ShouldBeFalse();
        Opens(cipher, mac, otherCipher, mac).ShouldBeFalse();
        ConfidentialUri.TryParse(ConfidentialUri.Encrypt(Samples.UserUri, cipher), out ConfidentialUri? uri).ShouldBeTrue();
        uri.TryDecrypt(otherCipher, out _).ShouldBeFalse();
    }

    [Fact]
    public void The_two_keys_do_not_stand_in_for_each_other()
    {
        using SignallingKeys keys = SignallingKeys.Derive(_csk, Samples.CskId, Samples.UserUri);
        byte[] octets = new byte[SignallingKeys.KeySizeInBytes];
        keys.ExportIntegrityKey(octets);
        using SignallingConfidentialityKey wrong = new(octets, Samples.CskId);
        (SignallingConfidentialityKey cipher, SignallingIntegrityKey mac) = Derive(_csk, Samples.CskId, Samples.UserUri);
        Opens(cipher, mac, wrong, mac).ShouldBeFalse();
    }

    private static bool Opens(
        SignallingConfidentialityKey cipher, SignallingIntegrityKey mac, SignallingConfidentialityKey otherCipher,
            SignallingIntegrityKey otherMac)
    {
        Dictionary<string, ReadOnlyMemory<byte>> bodies = new()
        {
            [Samples.InfoId] = ConfidentialXml.Encrypt(Samples.InfoBody, Samples.Confidential, cipher),
        };
        byte[] signatures = BodySignatures.Sign(bodies, mac);
        return BodySignatures.Parse(signatures)
                .TryVerify(bodies, otherMac, out IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? verified, out _)
            && ConfidentialXml.Parse(verified[Samples.InfoId]).TryDecrypt(otherCipher, out byte[]? clear)
            && Samples.Canonical(clear) == Samples.Canonical(Samples.InfoBody);
    }

    private static (SignallingConfidentialityKey Cipher, SignallingIntegrityKey Mac) Derive(byte[] csk, uint id, string user)
    {
        using MikeyKey key = MikeyKey.Import(id, csk, new byte[16]);
        using SignallingKeys keys = key.DeriveSignallingKeys(user);
        byte[] confidentiality = new byte[SignallingKeys.KeySizeInBytes], integrity = new byte[SignallingKeys.KeySizeInBytes];
        keys.ExportConfidentialityKey(confidentiality);
        keys.ExportIntegrityKey(integrity);
        return (new SignallingConfidentialityKey(confidentiality, keys.XpkId), new SignallingIntegrityKey(integrity, keys.XpkId));
    }
}
