using System.Security.Cryptography;
using System.Text.Json;

namespace Watchword.KeyManagement.Tests;

public sealed class WrappedKeyTests
{
    private const string Kek = "tk.12.user@example.org";

    private static readonly TestDomain Domain = TestDomain.Shared;

    public static TheoryData<KeyWrapProfile> Profiles => [KeyWrapProfile.KwStrip04, KeyWrapProfile.Kwp, KeyWrapProfile.KwpAsKw];

    public static TheoryData<int> VectorIds => [.. Vectors.Read("keywrap/wrapped_keys.json", "tests").Select(v => (int)v.Number("id"))];

    [Theory]
    [MemberData(nameof(VectorIds))]
    public void Vectors_hold(int id)
    {
        JsonElement vector = Vectors.Read("keywrap/wrapped_keys.json", "tests").Single(v => v.Number("id") == id);
        using TransportKey kek = TransportKey.Import(Kek, Convert.FromHexString(vector.Text("kek")));
        (KeyUnwrapFault fault, string? plain, KeyWrapProfile? profile) = Open(vector, kek);
        if (vector.Text("result") == "valid")
        {
            fault.ShouldBe(KeyUnwrapFault.None);
            plain.ShouldBe(vector.Text("plain"));
            if (profile is not null)
            {
                profile.ShouldBe(Enum.Parse<KeyWrapProfile>(vector.Text("profile")));
            }
        }
        else
        {
            fault.ShouldBe(Enum.Parse<KeyUnwrapFault>(vector.Text("fault")));
        }
    }

    [Theory]
    [MemberData(nameof(VectorIds))]
    public void What_is_wrapped_is_the_vector(int id)
    {
        JsonElement vector = Vectors.Read("keywrap/wrapped_keys.json", "tests").Single(v => v.Number("id") == id);
        if (vector.Text("result") != "valid" || vector.Text("element") != "NewTransportKey" || Flagged(vector, "lenient"))
        {
            return;
        }

        using TransportKey kek = TransportKey.Import(Kek, Convert.FromHexString(vector.Text("kek")));
        using TransportKey key = TransportKey.Import("tk.13", Convert.FromHexString(vector.Text("plain")));
        WrappedKey wrapped = WrappedKey.Wrap(key, kek, Enum.Parse<KeyWrapProfile>(vector.Text("profile")));
        string text = TestDomain.WriteText(TestDomain.Answer(new KmsKeyProv([]) { NewTransportKeys = [wrapped] }));
        text.ShouldContain($"<xenc:CipherValue>{vector.Text("cipherValue")}</xenc:CipherValue>");
        text.ShouldContain($"<xenc:EncryptionMethod Algorithm=\"{vector.Text("algorithm")}\">");
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_key_set_comes_back_through_its_document_in_every_profile(KeyWrapProfile profile)
    {
        using TransportKey key = TransportKey.Generate(Kek);
        using KmsKeySet issued = Domain.Issue();
        using KmsKeySet wrapped = issued.Wrap(key, profile);
        (wrapped.HasEncryptedKeys, wrapped.TransportKeyId, wrapped.UserId).ShouldBe((true, Kek, issued.UserId));
        Should.Throw<InvalidOperationException>(() => wrapped.ExportSigningSecret(new byte[32]));
        Should.Throw<InvalidOperationException>(() => wrapped.Wrap(key));
        Should.Throw<InvalidOperationException>(() => issued.TryUnwrap(key, out _, out _));

        using KmsResponse response = KmsResponse.Parse(TestDomain.Write(TestDomain.Answer(new KmsKeyProv([wrapped]))));
        KmsKeySet read = ((KmsKeyProv)response.Message!).KeySets[0];
        read.TryValidate(Domain.Certificate, out _, out KeySetFault unfit).ShouldBeFalse();
        unfit.ShouldBe(KeySetFault.EncryptedKeys);
        read.TryUnwrap(key, out KmsKeySet? plain, out KeyUnwrapFault fault).ShouldBeTrue();
        using (plain)
        {
            (fault, plain!.UnwrappedFrom, plain.HasEncryptedKeys).ShouldBe((KeyUnwrapFault.None, profile, false));
            (plain.CertUri, plain.Issuer, plain.ValidFrom, plain.ValidTo, plain.KeyPeriodNumber)
                .ShouldBe((issued.CertUri, issued.Issuer, issued.ValidFrom, issued.ValidTo, issued.KeyPeriodNumber));
            plain.TryValidate(Domain.Certificate, out ValidatedKeySet? validated, out _).ShouldBeTrue();
            validated!.Dispose();
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void The_platform_unwraps_what_is_wrapped(KeyWrapProfile profile)
    {
        using TransportKey kek = TransportKey.Generate(Kek);
        using IntegrityKey key = IntegrityKey.Generate("ink.13");
        byte[] octets = new byte[32], kekOctets = new byte[32];
        key.Export(octets);
        kek.Export(kekOctets);
        WrappedKey wrapped = WrappedKey.Wrap(key, kek, profile);
        wrapped.CipherValue.Length.ShouldBe(40);
        if (profile != KeyWrapProfile.KwStrip04)
        {
            using Aes aes = Aes.Create();
            aes.Key = kekOctets;
            aes.DecryptKeyWrapPadded(wrapped.CipherValue).ShouldBe(octets);
        }
    }

    [Fact]
    public void New_keys_are_taken_under_a_key_held_and_no_other()
    {
        using TransportKey held = TransportKey.Generate(Kek);
        using TransportKey sameName = TransportKey.Generate(Kek);
        using TransportKey otherName = TransportKey.Generate("tk.11.user@example.org");
        using TransportKey next = TransportKey.Generate("tk.13.user@example.org");
        using IntegrityKey sign = IntegrityKey.Generate("ink.13.user@example.org");
        using KmsResponse response = KmsResponse.Parse(TestDomain.Write(TestDomain.Answer(new KmsInit(Domain.Certificate)
        {
            NewTransportKeys = [WrappedKey.Wrap(next, held)],
            NewIntegrityKeys = [WrappedKey.Wrap(sign, held, KeyWrapProfile.Kwp)],
        })));
        KmsInit init = (KmsInit)response.Message!;
        init.HasNewKeys.ShouldBeTrue();
        WrappedKey transport = init.NewTransportKeys.ShouldHaveSingleItem();
        (transport.TransportKeyId, transport.CarriedKeyName).ShouldBe((Kek, "tk.13.user@example.org"));
        transport.TryUnwrapTransportKey(held, out TransportKey? taken, out KeyUnwrapFault fault).ShouldBeTrue();
        Octets(taken!).ShouldBe(Octets(next));
        taken!.Id.ShouldBe(next.Id);
        init.NewIntegrityKeys[0].TryUnwrapIntegrityKey(held, out IntegrityKey? signing, out _).ShouldBeTrue();
        Octets(signing!).ShouldBe(Octets(sign));

        transport.TryUnwrapTransportKey(sameName, out taken, out fault).ShouldBeFalse();
        fault.ShouldBe(KeyUnwrapFault.IntegrityFailed);
        transport.TryUnwrapTransportKey(otherName, out taken, out fault).ShouldBeFalse();
        fault.ShouldBe(KeyUnwrapFault.OtherTransportKey);
    }

    [Fact]
    public void A_new_key_in_plain_or_without_name_is_never_taken()
    {
        using TransportKey held = TransportKey.Generate(Kek);
        using TransportKey next = TransportKey.Generate("tk.13");
        string document = TestDomain.WriteText(TestDomain.Answer(new KmsKeyProv([]) { NewTransportKeys = [WrappedKey.Wrap(next, held)] }));
        string unnamed = document.Replace("<xenc:CarriedKeyName>tk.13</xenc:CarriedKeyName>", "", StringComparison.Ordinal);
        using KmsResponse response = KmsResponse.Parse(TestDomain.Octets(unnamed));
        ((KmsKeyProv)response.Message!).NewTransportKeys[0].TryUnwrapTransportKey(held, out _, out KeyUnwrapFault fault).ShouldBeFalse();
        fault.ShouldBe(KeyUnwrapFault.NoCarriedKeyName);

        int start = document.IndexOf("<xenc:EncryptedKey", StringComparison.Ordinal);
        int end = document.IndexOf("</NewTransportKey>", StringComparison.Ordinal);
        foreach (string content in new[] { new string('0', 64), "", "<x xmlns=\"urn:o\"/>" })
        {
            string plain = document.Remove(start, end - start).Insert(start, content);
            Should.Throw<KeyManagementFormatException>(() => KmsResponse.Parse(TestDomain.Octets(plain)));
        }
    }

    [Fact]
    public void A_key_set_of_which_one_key_is_plain_is_not_opened()
    {
        using TransportKey key = TransportKey.Generate(Kek);
        using KmsKeySet issued = Domain.Issue();
        using KmsKeySet wrapped = issued.Wrap(key);
        string plainText = TestDomain.WriteText(TestDomain.Answer(new KmsKeyProv([issued])));
        string wrappedText = TestDomain.WriteText(TestDomain.Answer(new KmsKeyProv([wrapped])));
        string mixed = Element(wrappedText, "UserPubTokenPVT") is var w
            ? wrappedText.Replace(w, Element(plainText, "UserPubTokenPVT"), StringComparison.Ordinal) : "";
        using KmsResponse response = KmsResponse.Parse(TestDomain.Octets(mixed));
        KmsKeySet read = ((KmsKeyProv)response.Message!).KeySets[0];
        read.HasEncryptedKeys.ShouldBeTrue();
        read.TryUnwrap(key, out _, out KeyUnwrapFault fault).ShouldBeFalse();
        fault.ShouldBe(KeyUnwrapFault.PartlyWrapped);
        Should.Throw<InvalidOperationException>(() => TestDomain.Write(response));
    }

    [Fact]
    public void A_key_set_wrapped_for_another_is_not_opened()
    {
        using TransportKey key = TransportKey.Generate(Kek);
        using TransportKey sameName = TransportKey.Generate(Kek);
        using TransportKey otherName = TransportKey.Generate("tk.9");
        using KmsKeySet issued = Domain.Issue();
        using KmsKeySet wrapped = issued.Wrap(key);
        wrapped.TryUnwrap(sameName, out _, out KeyUnwrapFault fault).ShouldBeFalse();
        fault.ShouldBe(KeyUnwrapFault.IntegrityFailed);
        wrapped.TryUnwrap(otherName, out _, out fault).ShouldBeFalse();
        fault.ShouldBe(KeyUnwrapFault.OtherTransportKey);
    }

    private static (KeyUnwrapFault Fault, string? Plain, KeyWrapProfile? Profile) Open(JsonElement vector, TransportKey kek)
    {
        string name = vector.Text("element");
        string element = Encrypted(name, vector.Text("algorithm"), vector.Text("cipherValue"));
        if (name == "NewTransportKey")
        {
            using KmsResponse answer = KmsResponse.Parse(TestDomain.Octets(
                TestDomain.WriteText(TestDomain.Answer(new KmsKeyProv([]))).Replace("</KmsKeyProv>", element + "</KmsKeyProv>", StringComparison.Ordinal)));
            ((KmsKeyProv)answer.Message!).NewTransportKeys[0].TryUnwrapTransportKey(kek, out TransportKey? key, out KeyUnwrapFault newFault);
            using (key)
            {
                return (newFault, key is null ? null : Convert.ToHexString(Octets(key)), null);
            }
        }

        using KmsKeySet issued = Domain.Issue();
        using KmsKeySet wrapped = issued.Wrap(kek);
        string text = TestDomain.WriteText(TestDomain.Answer(new KmsKeyProv([wrapped])));
        using KmsResponse response = KmsResponse.Parse(TestDomain.Octets(text.Replace(Element(text, name), element, StringComparison.Ordinal)));
        ((KmsKeyProv)response.Message!).KeySets[0].TryUnwrap(kek, out KmsKeySet? plain, out KeyUnwrapFault fault);
        using (plain)
        {
            return (fault, plain is null ? null : Export(plain, name), name == "UserDecryptKey" ? plain?.UnwrappedFrom : null);
        }
    }

    private static string Export(KmsKeySet plain, string name)
    {
        byte[] octets = new byte[name switch { "UserDecryptKey" => 257, "UserPubTokenPVT" => 65, _ => 32 }];
        switch (name)
        {
            case "UserDecryptKey": plain.ExportReceiverKey(octets); break;
            case "UserPubTokenPVT": plain.ExportPublicToken(octets); break;
            default: plain.ExportSigningSecret(octets); break;
        }

        return Convert.ToHexString(octets);
    }

    private static string Encrypted(string name, string algorithm, string cipherValue) =>
        $"<{name}><e:EncryptedKey xmlns:e=\"http://www.w3.org/2001/04/xmlenc#\"><e:EncryptionMethod Algorithm=\"{algorithm}\"/>"
        + $"<d:KeyInfo xmlns:d=\"http://www.w3.org/2000/09/xmldsig#\"><d:KeyName>{Kek}</d:KeyName></d:KeyInfo>"
        + $"<e:CipherData><e:CipherValue>\n {cipherValue[..20]}\n{cipherValue[20..]}\n</e:CipherValue></e:CipherData>"
        + $"<e:CarriedKeyName>new</e:CarriedKeyName></e:EncryptedKey></{name}>";

    private static string Element(string document, string name)
    {
        int start = document.IndexOf("<" + name, StringComparison.Ordinal);
        string end = $"</{name}>";
        return document[start..(document.IndexOf(end, StringComparison.Ordinal) + end.Length)];
    }

    private static bool Flagged(JsonElement vector, string flag) => vector.GetProperty("flags").EnumerateArray().Any(f => f.GetString() == flag);

    private static byte[] Octets(SecurityExtensionKey key)
    {
        byte[] octets = new byte[32];
        key.Export(octets);
        return octets;
    }
}
