using CsCheck;

namespace Watchword.Mikey.Tests.Derivation;

public sealed class DerivedKeyTests
{
    private static readonly byte[] _key = MessageFactory.Octets(16, 0x20);
    private static readonly byte[] _random = MessageFactory.Octets(16, 0x60);

    [Fact]
    public void Diversity_undoes_itself_keeps_the_purpose_and_tells_users_apart() =>
        Gen.Select(Gen.Byte.Array[1, 32], Gen.UInt, Gen.String[1, 40], Gen.String[1, 40]).Sample((key, keyId, first, second) =>
        {
            uint salt = UserKeyId.Salt(key, first);
            salt.ShouldBeLessThan(1u << 28);
            uint userKeyId = UserKeyId.Of(keyId, key, first);
            UserKeyId.Apply(userKeyId, salt).ShouldBe(keyId);
            (userKeyId >> 28).ShouldBe(keyId >> 28);
            ((uint)UserKeyId.PurposeOf(userKeyId)).ShouldBe(keyId >> 28);
            // 28 bits collide once in 2^28: a sample that does would be the first in years.
            (UserKeyId.Salt(key, second) == salt).ShouldBe(System.Text.Encoding.UTF8.GetBytes(first).AsSpan()
                .SequenceEqual(System.Text.Encoding.UTF8.GetBytes(second)));
        });

    [Fact]
    public void Users_differ_by_every_octet_of_their_URI()
    {
        string[] uris = ["sip:a@example.org", "sip:A@example.org", "sip:a@example.org ", "a@example.org",
            "sip:a@example.org:5060"];
        uris.Select(uri => UserKeyId.Salt(_key, uri)).Distinct().Count().ShouldBe(uris.Length);
        uris.Select(uri => Convert.ToHexString(Signalling(0x20000001, uri))).Distinct().Count().ShouldBe(uris.Length);
    }

    [Fact]
    public void Confidentiality_and_integrity_have_keys_of_their_own_for_each_XPK_ID()
    {
        byte[] first = Signalling(0x20000001, "sip:a@example.org");
        first.AsSpan(0, 16).SequenceEqual(first.AsSpan(16)).ShouldBeFalse();
        Signalling(0x20000002, "sip:a@example.org").ShouldNotBe(first);
        Signalling(0x20000001, "sip:a@example.org", XpkIdForm.Base64).ShouldNotBe(first);
    }

    [Fact]
    public void Every_context_of_one_key_is_keyed_on_its_own()
    {
        List<string> keys = [];
        foreach (uint gukId in new uint[] { 0x00000001, 0x00000002 })
        {
            foreach (McCryptoSession session in new[] { McCryptoSession.McpttGroup, McCryptoSession.McVideoGroup })
            {
                keys.Add(Material(SrtpContext.ForGroup(_key, 0x00000001, gukId, session, _random)));
            }
        }

        keys.Add(Material(SrtpContext.ForGroup(_key, 0x00000001, 0x00000001, McCryptoSession.McpttGroup,
            MessageFactory.Octets(16, 1))));
        keys.Distinct().Count().ShouldBe(keys.Count);
        // The GMK-ID is in the MKI; what enters the keys is the GUK-ID alone (7.4.2).
        Material(SrtpContext.ForGroup(_key, 0x00000009, 0x00000001, McCryptoSession.McpttGroup, _random)).ShouldBe(keys[0]);
    }

    [Fact]
    public void A_key_serves_its_purpose_only()
    {
        for (uint tag = 0; tag < 16; tag++)
        {
            uint id = tag << 28;
            Refuses(() => SrtpContext.ForPrivateCall(_key, id, McCryptoSession.McpttPrivateInitiator, _random), tag is not 1);
            Refuses(() => SrtpContext.ForGroup(_key, id, 0, McCryptoSession.McpttGroup, _random), tag is not 0);
            Refuses(() => SrtpContext.ForGroup(_key, 0, id, McCryptoSession.McpttGroup, _random), tag is not 0);
            Refuses(() => SrtpContext.ForUnicastControl(_key, id, McCryptoSession.CskMcpttSrtcp, _random), tag is not (2 or 3));
            Refuses(() => SrtpContext.ForMulticastControl(_key, id, McCryptoSession.MusikMcpttSrtcp, _random),
                tag is not (4 or 5 or 6));
            Refuses(() => SignallingKeys.Derive(_key, id, "sip:a@example.org"), tag is not (2 or 3));
        }
    }

    [Fact]
    public void A_session_belongs_to_one_kind_of_context()
    {
        foreach (McCryptoSession session in Enum.GetValues<McCryptoSession>().Append((McCryptoSession)10)
            .Append((McCryptoSession)(-1)))
        {
            Refuses(() => SrtpContext.ForPrivateCall(_key, 0x10000000, session, _random), (int)session is not (>= 0 and <= 3));
            Refuses(() => SrtpContext.ForGroup(_key, 0, 0, session, _random), (int)session is not (4 or 5));
            Refuses(() => SrtpContext.ForUnicastControl(_key, 0x20000000, session, _random), (int)session is not (6 or 8));
            Refuses(() => SrtpContext.ForMulticastControl(_key, 0x60000000, session, _random), (int)session is not (7 or 9));
        }
    }

    [Fact]
    public void Inputs_that_do_not_fit_are_refused()
    {
        Should.Throw<ArgumentException>(() => UserKeyId.Salt([], "sip:a@example.org"));
        Should.Throw<ArgumentException>(() => UserKeyId.Salt(_key, ""));
        Should.Throw<ArgumentException>(() => UserKeyId.Salt(_key, new string('a', 65536)));
        Should.Throw<ArgumentOutOfRangeException>(() => UserKeyId.Apply(0, 1u << 28));
        Should.Throw<ArgumentException>(() => SignallingKeys.Derive(new byte[15], 0x20000000, "sip:a@example.org"));
        Should.Throw<ArgumentException>(() => SignallingKeys.Derive(_key, 0x20000000, ""));
        Should.Throw<ArgumentException>(() => SignallingKeys.Derive(_key, 0x20000000, "sip:a@example.org", (XpkIdForm)2));
        Should.Throw<ArgumentException>(() => SrtpContext.ForGroup(_key, 0, 0, McCryptoSession.McpttGroup, _random,
            (GroupMkiForm)2));
        Should.Throw<ArgumentException>(() => SrtpContext.ForGroup(_key, 0, 0, McCryptoSession.McpttGroup, new byte[15]));
    }

    [Fact]
    public void Disposed_keys_are_gone_and_never_printed()
    {
        SignallingKeys keys = SignallingKeys.Derive(_key, 0x20000000, "sip:a@example.org");
        Should.Throw<ArgumentException>(() => keys.ExportIntegrityKey(new byte[15]));
        keys.ToString().ShouldBe(typeof(SignallingKeys).FullName);
        keys.Dispose();
        Should.Throw<ObjectDisposedException>(() => keys.ExportConfidentialityKey(new byte[16]));
        Should.Throw<ObjectDisposedException>(() => keys.ExportIntegrityKey(new byte[16]));

        SrtpContext context = SrtpContext.ForPrivateCall(_key, 0x10000000, McCryptoSession.McpttPrivateInitiator, _random);
        context.ToString().ShouldBe(typeof(SrtpContext).FullName);
        context.Dispose();
        Should.Throw<ObjectDisposedException>(() => context.ExportMasterKey(new byte[16]));
    }

    [Fact]
    public void A_private_call_key_gives_contexts_and_payload_keys_until_it_is_disposed()
    {
        MikeyKey pck = MikeyKey.Generate(KeyPurpose.Pck);
        using SrtpContext context = pck.DeriveSrtpContext(McCryptoSession.McVideoPrivateReceiver);
        using SrtpKeys keys = pck.DeriveSrtpKeys(McCryptoSession.McVideoPrivateReceiver);
        byte[] key = new byte[16];
        context.ExportMasterKey(key);
        key.ShouldBe(SrtpKeysTests.Key(keys));
        context.Mki.ToArray().ShouldBe(BitConverter.GetBytes(pck.KeyId).Reverse().ToArray());
        using DataPayloadCipherKey payloadKey = pck.DeriveDataPayloadCipherKey();
        payloadKey.DppkId.ShouldBe(pck.KeyId);
        pck.Dispose();
        Should.Throw<ObjectDisposedException>(() => pck.DeriveSrtpContext(McCryptoSession.McpttPrivateInitiator));
        Should.Throw<ObjectDisposedException>(() => pck.DeriveDataPayloadCipherKey());
    }

    private static void Refuses(Func<IDisposable> make, bool refused)
    {
        if (refused)
        {
            Should.Throw<ArgumentException>(make);
        }
        else
        {
            make().Dispose();
        }
    }

    private static byte[] Signalling(uint id, string uri, XpkIdForm form = XpkIdForm.Octets)
    {
        using SignallingKeys keys = SignallingKeys.Derive(_key, id, uri, form);
        byte[] both = new byte[32];
        keys.ExportConfidentialityKey(both.AsSpan(0, 16));
        keys.ExportIntegrityKey(both.AsSpan(16));
        return both;
    }

    private static string Material(SrtpContext context)
    {
        byte[] both = new byte[28];
        context.ExportMasterKey(both.AsSpan(0, 16));
        context.ExportMasterSalt(both.AsSpan(16));
        context.Dispose();
        return Convert.ToHexString(both);
    }
}
