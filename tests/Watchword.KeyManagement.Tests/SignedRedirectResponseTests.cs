using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Watchword.KeyManagement.Tests;

/// <summary>KMS redirect responses that intermediates narrow down and sign (TS 33.180 5.2.8, D.4.2).</summary>
public sealed class SignedRedirectResponseTests : IDisposable
{
    private static readonly DateTimeOffset _from = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly X509Certificate2 _certificate = Make("CN=proxy.example.org", ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _second = Make("CN=proxy.example.net", ECCurve.NamedCurves.nistP256);
    private readonly KmsRedirectResponse _first = KmsRedirectResponse.Create("kms.a", "kms.b", ["kms.c", "kms.d", "kms.e"]);

    public void Dispose()
    {
        _certificate.Dispose();
        _second.Dispose();
    }

    [Fact]
    public void An_intermediate_embeds_and_narrows()
    {
        KmsRedirectResponse second = _first.Narrow(kms => kms != "kms.d");
        KmsRedirectResponse third = KmsRedirectResponse.Parse(second.Narrow(kms => kms == "kms.e").Octets);

        (third.RejectedInitiatorKmsUri, third.RejectedReceiverKmsUri).ShouldBe(("kms.a", "kms.b"));
        third.ProposedKmsUris.ShouldBe(["kms.e"]);
        third.Embedded!.ProposedKmsUris.ShouldBe(["kms.c", "kms.e"]);
        third.Embedded.Embedded!.Octets.ToArray().ShouldBe(_first.Octets.ToArray());
        third.NarrowsWhatIsEmbedded.ShouldBeTrue();
        third.Narrow(_ => false).ProposedKmsUris.ShouldBeEmpty();
    }

    [Fact]
    public void A_chain_that_proposes_more_or_is_about_others_is_told()
    {
        KmsRedirectResponse.Create("kms.a", "kms.b", ["kms.x"], _first).NarrowsWhatIsEmbedded.ShouldBeFalse();
        KmsRedirectResponse.Create("kms.a", "kms.z", ["kms.c"], _first).NarrowsWhatIsEmbedded.ShouldBeFalse();
        KmsRedirectResponse.Create("kms.z", "kms.b", ["kms.c"], _first).NarrowsWhatIsEmbedded.ShouldBeFalse();
        KmsRedirectResponse bad = KmsRedirectResponse.Create("kms.a", "kms.b", ["kms.x"], _first);
        KmsRedirectResponse.Create("kms.a", "kms.b", ["kms.x"], bad).NarrowsWhatIsEmbedded.ShouldBeFalse();
        _first.NarrowsWhatIsEmbedded.ShouldBeTrue();
        Should.Throw<InvalidOperationException>(() => KmsRedirectResponse.Parse("<KmsRedirectResponse/>"u8.ToArray()).Narrow(_ => true));
    }

    [Fact]
    public void Each_of_a_chain_is_signed_and_verified_on_its_own()
    {
        KmsRedirectResponse inner = _first.Sign(_certificate);
        KmsRedirectResponse outer = inner.Narrow(kms => kms == "kms.c").Sign(_second);
        KmsRedirectResponse read = KmsRedirectResponse.Parse(outer.Octets, AnnexDReadOptions.Response);

        ShouldBeSignedBy(read, _second);
        ShouldBeSignedBy(read.Embedded!, _certificate);
        read.Embedded!.Octets.ToArray().ShouldBe(inner.Octets.ToArray());
        read.ProposedKmsUris.ShouldBe(["kms.c"]);
        read.HasUnverifiedSignature.ShouldBeTrue();
        Should.Throw<InvalidOperationException>(() => inner.Sign(_second));
    }

    [Fact]
    public void A_signature_survives_the_way_through_a_request()
    {
        KmsRequest request = new()
        {
            UserUri = TestDomain.User,
            KmsUri = TestDomain.Kms,
            Time = TestDomain.Now,
            ClientReqUrl = TestDomain.Url,
            RedirectResponses = [_first.Sign(_certificate)],
        };
        using MemoryStream written = new();
        request.WriteTo(written);
        ShouldBeSignedBy(KmsRequest.Parse(written.ToArray(), AnnexDReadOptions.Response).RedirectResponses[0], _certificate);
    }

    [Fact]
    public void Every_changed_octet_is_noticed()
    {
        KmsRedirectResponse signed = _first.Narrow(_ => true).Sign(_certificate);
        byte[] octets = signed.Octets.ToArray();
        int notices = 0;
        for (int i = 0; i < octets.Length; i++)
        {
            byte[] changed = [.. octets];
            changed[i] ^= 1;
            try
            {
                KmsRedirectResponse read = KmsRedirectResponse.Parse(changed, AnnexDReadOptions.Response);
                bool verified = read.TryVerify(out X509Certificate2? signer);
                // A certificate that was changed is another one, which is for the caller to find; it does not help with the content.
                bool isAnother = signer?.RawData.AsSpan().SequenceEqual(_certificate.RawData) == false;
                signer?.Dispose();
                // The last symbol of base64 has bits that say nothing.
                (verified && !SameContent(read, signed)).ShouldBeFalse($"octet {i}");
                notices += verified && !isAnother ? 0 : 1;
            }
            catch (KeyManagementFormatException)
            {
                notices++;
            }
        }

        notices.ShouldBeGreaterThan(octets.Length - 8);
    }

    [Fact]
    public void A_missing_doubled_moved_or_strange_signature_is_none()
    {
        Verified(_first).ShouldBeFalse();
        string signed = Encoding.UTF8.GetString(_first.Sign(_certificate).Octets.Span);
        string signature = signed[signed.IndexOf("<Signature", StringComparison.Ordinal)..(signed.IndexOf("</Signature>", StringComparison.Ordinal) + 12)];
        Verified(signed).ShouldBeTrue();
        Verified(signed.Replace(signature, signature + signature, StringComparison.Ordinal)).ShouldBeFalse();
        Verified(signed.Replace(signature, $"<x>{signature}</x>", StringComparison.Ordinal)).ShouldBeFalse();
        Verified(signed.Replace("URI=\"\"", "URI=\"#a\"", StringComparison.Ordinal)).ShouldBeFalse();
        Verified(signed.Replace(" URI=\"\"", "", StringComparison.Ordinal)).ShouldBeFalse();
        Verified(signed.Replace("ecdsa-sha256", "hmac-sha256", StringComparison.Ordinal)).ShouldBeFalse();
        Verified(signed.Replace("xmlenc#sha256", "xmldsig#sha1", StringComparison.Ordinal)).ShouldBeFalse();
        Verified(signed.Replace("enveloped-signature", "base64", StringComparison.Ordinal)).ShouldBeFalse();
        Verified(signed.Replace("<KeyInfo>", "<KeyInfo><KeyName>k</KeyName>", StringComparison.Ordinal)).ShouldBeFalse();
        Verified(signed.Replace("<X509Certificate>", "<X509Certificate>AAAA", StringComparison.Ordinal)).ShouldBeFalse();
        string stolen = Convert.ToBase64String(_second.RawData);
        Verified(signed.Replace(Convert.ToBase64String(_certificate.RawData), stolen, StringComparison.Ordinal)).ShouldBeFalse();
    }

    [Fact]
    public void Only_an_ECDSA_key_signs()
    {
        using X509Certificate2 withoutKey = X509CertificateLoader.LoadCertificate(_certificate.RawData);
        Should.Throw<ArgumentException>(() => _first.Sign(withoutKey));
        using RSA rsa = RSA.Create(2048);
        using X509Certificate2 ofRsa = new CertificateRequest("CN=a", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(_from, _from.AddYears(20));
        Should.Throw<ArgumentException>(() => _first.Sign(ofRsa));
    }

    [Fact]
    public async Task A_signed_redirect_response_is_verified_by_xmlsec1()
    {
        using XmlSec peer = new();
        string signed = Encoding.UTF8.GetString(_first.Sign(_certificate).Octets.Span);
        (int exitCode, string output, _) = await peer.Run("--verify", signed, "--insecure");
        exitCode.ShouldBe(0, output);
        (exitCode, _, _) = await peer.Run("--verify", signed.Replace("kms.c", "kms.x", StringComparison.Ordinal), "--insecure");
        exitCode.ShouldNotBe(0);
    }

    private static bool SameContent(KmsRedirectResponse left, KmsRedirectResponse right) =>
        left.RejectedInitiatorKmsUri == right.RejectedInitiatorKmsUri
        && left.RejectedReceiverKmsUri == right.RejectedReceiverKmsUri
        && left.ProposedKmsUris.SequenceEqual(right.ProposedKmsUris)
        && left.Embedded!.Octets.Span.SequenceEqual(right.Embedded!.Octets.Span);

    private static bool Verified(string document) => Verified(KmsRedirectResponse.Parse(Encoding.UTF8.GetBytes(document)));

    private static bool Verified(KmsRedirectResponse response)
    {
        bool verified = response.TryVerify(out X509Certificate2? signer);
        (signer is not null).ShouldBe(verified);
        signer?.Dispose();
        return verified;
    }

    private static void ShouldBeSignedBy(KmsRedirectResponse response, X509Certificate2 certificate)
    {
        response.TryVerify(out X509Certificate2? signer).ShouldBeTrue();
        using (signer)
        {
            signer!.RawData.ShouldBe(certificate.RawData);
        }
    }

    private static X509Certificate2 Make(string subject, ECCurve curve)
    {
        using ECDsa key = ECDsa.Create(curve);
        return new CertificateRequest(subject, key, HashAlgorithmName.SHA256).CreateSelfSigned(_from, _from.AddYears(20));
    }
}
