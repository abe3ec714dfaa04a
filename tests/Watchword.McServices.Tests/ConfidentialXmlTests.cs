using System.Text.RegularExpressions;
using System.Xml.Linq;
using CsCheck;

namespace Watchword.McServices.Tests;

public sealed partial class ConfidentialXmlTests
{
    [Fact]
    public void What_was_encrypted_is_decrypted_to_the_same_document()
    {
        using SignallingConfidentialityKey key = Samples.CipherKey();
        byte[] encrypted = ConfidentialXml.Encrypt(Samples.InfoBody, Samples.Confidential, key);
        ConfidentialXml parsed = ConfidentialXml.Parse(encrypted);

        parsed.XpkId.ShouldBe(Samples.CskId);
        parsed.EncryptedElements.Select(name => name.Name)
            .ShouldBe(["mcptt-access-token", "mcptt-request-uri", "mcptt-calling-user-id"]);
        parsed.TryDecrypt(key, out byte[]? decrypted).ShouldBeTrue();
        Samples.Canonical(decrypted).ShouldBe(Samples.Canonical(Samples.InfoBody));
        parsed.TryDecrypt(key, out byte[]? again).ShouldBeTrue();
        again.ShouldBe(decrypted);
    }

    [Fact]
    public void Nothing_confidential_is_to_be_seen_and_nothing_else_is_hidden()
    {
        using SignallingConfidentialityKey key = Samples.CipherKey();
        string text = Samples.Text(ConfidentialXml.Encrypt(Samples.InfoBody, Samples.Confidential, key));
        text.ShouldNotContain("eyJ");
        text.ShouldNotContain("sip:");
        text.ShouldNotContain("mcpttURI");
        text.ShouldContain("<session-type>prearranged</session-type>");
        text.ShouldContain("type=\"Encrypted\"");
        text.ShouldNotContain("Normal");
        text.ShouldContain("Algorithm=\"http://www.w3.org/2009/xmlenc11#aes128-gcm\"");
        text.ShouldContain("Type=\"http://www.w3.org/2001/04/xmlenc#Content\"");
        text.ShouldContain($">{Samples.CskIdText}</ds:KeyName>");
    }

    [Fact]
    public void Equal_content_is_encrypted_differently_every_time()
    {
        using SignallingConfidentialityKey key = Samples.CipherKey();
        string[] values = [.. Enumerable.Range(0, 20).SelectMany(_ =>
            CipherValue().Matches(Samples.Text(ConfidentialXml.Encrypt(Samples.InfoBody, Samples.Confidential, key)))
                .Select(m => m.Value))];
        values.Length.ShouldBe(60);
        values.Distinct().Count().ShouldBe(60);
    }

    [Fact]
    public void A_body_without_encryption_stays_as_it_came()
    {
        using SignallingConfidentialityKey key = Samples.CipherKey();
        ConfidentialXml parsed = ConfidentialXml.Parse(Samples.InfoBody);
        parsed.XpkId.ShouldBeNull();
        parsed.EncryptedElements.ShouldBeEmpty();
        parsed.TryDecrypt(key, out byte[]? same).ShouldBeTrue();
        same.ShouldBe(Samples.InfoBody);
    }

    [Fact]
    public void Every_text_comes_back() => Gen.String[0, 60].Sample(text =>
    {
        string plain = new([.. text.Where(c => c is '\t' or '\n' or >= ' ' and < '\uD800')]);
        using SignallingConfidentialityKey key = Samples.CipherKey();
        byte[] document = Samples.Octets(new XElement("a", new XElement("b", plain), new XElement("c"))
            .ToString(SaveOptions.DisableFormatting));
        byte[] encrypted = ConfidentialXml.Encrypt(document, [new("b"), new("c")], key);
        ConfidentialXml.Parse(encrypted).TryDecrypt(key, out byte[]? decrypted).ShouldBeTrue();
        XElement read = XElement.Parse(Samples.Text(decrypted), LoadOptions.PreserveWhitespace);
        read.Element("b")!.Value.ShouldBe(plain);
        read.Element("c")!.IsEmpty.ShouldBeFalse("an element whose content was empty has an empty content");
        read.Element("c")!.Value.ShouldBe("");
    });

    [Fact]
    public void Another_key_or_another_identifier_decrypts_nothing()
    {
        using SignallingConfidentialityKey key = Samples.CipherKey(), other = Samples.CipherKey(other: true),
            otherId = Samples.CipherKey(0x2A0B0C0E);
        ConfidentialXml parsed = ConfidentialXml.Parse(ConfidentialXml.Encrypt(Samples.InfoBody, Samples.Confidential, key));
        parsed.TryDecrypt(other, out byte[]? decrypted).ShouldBeFalse();
        decrypted.ShouldBeNull();
        parsed.TryDecrypt(otherId, out decrypted).ShouldBeFalse();
        decrypted.ShouldBeNull();
    }

    [Fact]
    public void A_cipher_text_with_any_bit_changed_or_any_octet_cut_decrypts_to_nothing()
    {
        using SignallingConfidentialityKey key = Samples.CipherKey();
        string text = Samples.Text(ConfidentialXml.Encrypt(Samples.InfoBody, [new("mcptt-request-uri", Samples.Info)], key));
        string value = CipherValue().Match(text).Groups[1].Value;
        byte[] octets = Convert.FromBase64String(value);
        for (int at = 0; at < octets.Length; at++)
        {
            octets[at] ^= (byte)(1 << (at % 8));
            Decrypts(text.Replace(value, Convert.ToBase64String(octets), StringComparison.Ordinal), key)
                .ShouldBeFalse($"octet {at}");
            octets[at] ^= (byte)(1 << (at % 8));
            Decrypts(text.Replace(value, Convert.ToBase64String(octets, 0, at), StringComparison.Ordinal), key)
                .ShouldBeFalse($"cut to {at}");
        }

        Decrypts(text, key).ShouldBeTrue();
    }

    [Theory]
    [InlineData("http://www.w3.org/2009/xmlenc11#aes128-gcm", "http://www.w3.org/2009/xmlenc11#aes256-gcm")]
    [InlineData("http://www.w3.org/2009/xmlenc11#aes128-gcm", "http://www.w3.org/2001/04/xmlenc#aes128-cbc")]
    [InlineData("http://www.w3.org/2001/04/xmlenc#Content", "http://www.w3.org/2001/04/xmlenc#Element")]
    [InlineData(" Type=\"http://www.w3.org/2001/04/xmlenc#Content\"", "")]
    [InlineData(" Type=\"http", " MimeType=\"text/xml\" Type=\"http")]
    [InlineData("KgsMDQ==", "KgsMDQ")]
    [InlineData("KgsMDQ==", "KgsMDR==")]
    [InlineData("KgsMDQ==", "KgsM")]
    [InlineData("KgsMDQ==", "")]
    [InlineData("</ds:KeyName>", "</ds:KeyName><ds:KeyName>KgsMDQ==</ds:KeyName>")]
    [InlineData("<ds:KeyName>KgsMDQ==</ds:KeyName>", "<ds:RetrievalMethod URI=\"http://evil.example\"/>")]
    [InlineData("<xenc:CipherValue>", "<xenc:CipherReference URI=\"http://evil.example\"/><xenc:CipherValue>")]
    [InlineData("<xenc:CipherValue>", "<xenc:CipherValue>!")]
    [InlineData("</xenc:EncryptedData>", "<xenc:EncryptionProperties/></xenc:EncryptedData>")]
    [InlineData("</xenc:EncryptedData>", "text</xenc:EncryptedData>")]
    [InlineData("<xenc:EncryptionMethod Algorithm=\"http://www.w3.org/2009/xmlenc11#aes128-gcm\" />", "")]
    [InlineData(
        "<xenc:EncryptionMethod Algorithm=\"http://www.w3.org/2009/xmlenc11#aes128-gcm\" />",
        "<xenc:EncryptionMethod Algorithm=\"http://www.w3.org/2009/xmlenc11#aes128-gcm\">"
        + "<xenc:KeySize>128</xenc:KeySize></xenc:EncryptionMethod>")]
    public void Encryption_of_another_form_is_refused(string old, string replacement)
    {
        using SignallingConfidentialityKey key = Samples.CipherKey();
        string text = Samples.Text(ConfidentialXml.Encrypt(Samples.InfoBody, [new("mcptt-request-uri", Samples.Info)], key));
        Samples.FaultOf(() => ConfidentialXml.Parse(Samples.Octets(Samples.Replaced(text, old, replacement))))
            .ShouldBe(McServicesFormatFault.UnsupportedEncryption);
    }

    [Fact]
    public void Encrypted_content_stands_alone_and_under_one_key()
    {
        using SignallingConfidentialityKey key = Samples.CipherKey(), second = Samples.CipherKey(0x2A0B0C0E);
        string text = Samples.Text(ConfidentialXml.Encrypt(Samples.InfoBody, [new("mcptt-request-uri", Samples.Info)], key));
        string data = EncryptedData().Match(text).Value;
        foreach (string mixed in new[] { data + data, "<clear/>" + data, data + "clear", "&#65;" + data, "<![CDATA[x]]>" + data })
        {
            Samples.FaultOf(() => ConfidentialXml.Parse(Samples.Octets(text.Replace(data, mixed, StringComparison.Ordinal))))
                .ShouldBe(McServicesFormatFault.MixedEncryption, mixed);
        }

        Samples.FaultOf(() => ConfidentialXml.Parse(Samples.Octets(data))).ShouldBe(McServicesFormatFault.MixedEncryption);
        string other = EncryptedData()
            .Match(Samples.Text(ConfidentialXml.Encrypt(Samples.InfoBody, Samples.Confidential, second))).Value;
        Samples.FaultOf(() => ConfidentialXml.Parse(Samples.Octets(Samples.Replaced(
            text, "<session-type>prearranged</session-type>", $"<session-type>{other}</session-type>"))))
                .ShouldBe(McServicesFormatFault.SeveralKeys);
        Samples.FaultOf(() => ConfidentialXml.Encrypt(Samples.Octets(text), Samples.Confidential, key))
            .ShouldBe(McServicesFormatFault.MixedEncryption);
    }

    [Fact]
    public void Encryption_inside_encryption_and_what_is_no_content_is_refused()
    {
        using SignallingConfidentialityKey key = Samples.CipherKey();
        string inner = Samples.Text(ConfidentialXml.Encrypt(Samples.Octets("<a><b>x</b></a>"), [new("b")], key));
        // The outer encryption is made of what the inner one gave, by hand: Encrypt would refuse it.
        foreach ((string content, McServicesFormatFault fault) in new[]
        {
            (inner, McServicesFormatFault.MixedEncryption),
            ("<open>", McServicesFormatFault.NotXml),
            ("</b>", McServicesFormatFault.NotXml),
            ("<!DOCTYPE x [<!ENTITY e 'e'>]><x>&e;</x>", McServicesFormatFault.NotXml),
            ("&undefined;", McServicesFormatFault.NotXml),
            ("<unbound:x/>", McServicesFormatFault.NotXml),
            (string.Concat(Enumerable.Repeat("<d>", 70)) + string.Concat(Enumerable.Repeat("</d>", 70)),
                McServicesFormatFault.TooDeep),
            (string.Concat(Enumerable.Repeat("<d>", 20_000)) + string.Concat(Enumerable.Repeat("</d>", 20_000)),
                McServicesFormatFault.TooDeep),
        })
        {
            Samples.FaultOf(() => ConfidentialXml.Parse(Forged(content, key)).TryDecrypt(key, out _))
                .ShouldBe(fault, content[..Math.Min(content.Length, 50)]);
        }

        Samples.FaultOf(() => ConfidentialXml.Parse(Forged([0xC3, 0x28], key)).TryDecrypt(key, out _))
            .ShouldBe(McServicesFormatFault.NotXml);
        ConfidentialXml.Parse(Forged("text <i>and</i> element", key)).TryDecrypt(key, out byte[]? decrypted).ShouldBeTrue();
        Samples.Text(decrypted).ShouldBe("<a><b type=\"Normal\">text <i>and</i> element</b></a>");
    }

    [Fact]
    public void Prefixes_of_the_document_hold_in_encrypted_content()
    {
        using SignallingConfidentialityKey key = Samples.CipherKey();
        byte[] document = Forged("<p:q xsi:type=\"p:t\"/>", key,
            " xmlns:p=\"urn:p\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"");
        ConfidentialXml.Parse(document).TryDecrypt(key, out byte[]? decrypted).ShouldBeTrue();
        XElement read = XElement.Parse(Samples.Text(decrypted)).Descendants(XName.Get("q", "urn:p")).Single();
        read.GetNamespaceOfPrefix("p")!.NamespaceName.ShouldBe("urn:p");
    }

    [Fact]
    public void Documents_past_a_limit_or_with_a_document_type_are_refused()
    {
        string deep = string.Concat(Enumerable.Repeat("<d>", 70)) + string.Concat(Enumerable.Repeat("</d>", 70));
        Samples.FaultOf(() => ConfidentialXml.Parse(Samples.Octets(deep))).ShouldBe(McServicesFormatFault.TooDeep);
        Samples.FaultOf(() => ConfidentialXml.Parse(new byte[(256 * 1024) + 1])).ShouldBe(McServicesFormatFault.TooLarge);
        string many = "<r>" + string.Concat(Enumerable.Repeat("<d/>", 10_000)) + "</r>";
        Samples.FaultOf(() => ConfidentialXml.Parse(Samples.Octets(many))).ShouldBe(McServicesFormatFault.TooManyElements);
        foreach (string text in new[] { "", "<a>", "<a/><b/>", "<!DOCTYPE a><a/>",
            "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", "<a>\u0001</a>" })
        {
            Samples.FaultOf(() => ConfidentialXml.Parse(Samples.Octets(text))).ShouldBe(McServicesFormatFault.NotXml, text);
        }
    }

    [Fact]
    public void A_document_with_any_bit_changed_is_refused_or_gives_what_was_encrypted()
    {
        using SignallingConfidentialityKey key = Samples.CipherKey();
        byte[] document = ConfidentialXml.Encrypt(Samples.Octets("<a><b type=\"Normal\">secret</b></a>"), [new("b")], key);
        int refused = 0, decrypted = 0;
        for (int bit = 0; bit < document.Length * 8; bit++)
        {
            byte[] changed = (byte[])document.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            // Any other exception than that of the format fails the test.
            string? content = ContentOf(changed, key);
            refused += content is null ? 1 : 0;
            decrypted += content is not null ? 1 : 0;
            (content ?? "secret").ShouldBe("secret", $"bit {bit}");
        }

        refused.ShouldBeGreaterThan(decrypted);
        decrypted.ShouldBeGreaterThan(0, "the names of the elements around are not covered: that is what signatures are for");
    }

    private static string? ContentOf(byte[] document, SignallingConfidentialityKey key)
    {
        try
        {
            ConfidentialXml parsed = ConfidentialXml.Parse(document);
            return parsed.XpkId is not null && parsed.TryDecrypt(key, out byte[]? decrypted)
                ? XElement.Parse(Samples.Text(decrypted)).Value : null;
        }
        catch (McServicesFormatException)
        {
            return null;
        }
    }

    private static bool Decrypts(string document, SignallingConfidentialityKey key)
    {
        try
        {
            return ConfidentialXml.Parse(Samples.Octets(document)).TryDecrypt(key, out _);
        }
        catch (McServicesFormatException)
        {
            return false;
        }
    }

    private static byte[] Forged(string content, SignallingConfidentialityKey key, string attributes = "") =>
        Forged(Samples.Octets(content.StartsWith("<?xml", StringComparison.Ordinal)
            ? content[(content.IndexOf("?>", StringComparison.Ordinal) + 2)..] : content), key, attributes);

    private static byte[] Forged(byte[] content, SignallingConfidentialityKey key, string attributes = "")
    {
        byte[] iv = new byte[12], cipherText = new byte[content.Length], tag = new byte[16];
        using (System.Security.Cryptography.AesGcm cipher = new(Samples.KeyOctets, 16))
        {
            cipher.Encrypt(iv, content, cipherText, tag);
        }

        string template = Samples.Text(ConfidentialXml.Encrypt(Samples.Octets($"<a{attributes}><b/></a>"), [new("b")], key));
        return Samples.Octets(template.Replace(
            CipherValue().Match(template).Groups[1].Value,
            Convert.ToBase64String([.. iv, .. cipherText, .. tag]),
            StringComparison.Ordinal));
    }

    [GeneratedRegex("<xenc:CipherValue>([^<]*)</xenc:CipherValue>")]
    private static partial Regex CipherValue();

    [GeneratedRegex("<xenc:EncryptedData .*?</xenc:EncryptedData>", RegexOptions.Singleline)]
    private static partial Regex EncryptedData();
}
