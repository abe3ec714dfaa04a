namespace Watchword.KeyManagement.Tests;

public sealed class KmsCertCacheTests
{
    private static readonly TestDomain Domain = TestDomain.Shared;

    [Fact]
    public void A_cache_comes_back_with_its_number_and_its_certificates()
    {
        KmsCertificate next = Domain.Certify(KmsCertificateRole.External, from: TestDomain.Now);
        KmsCertificate first = Domain.Certify(KmsCertificateRole.External), second = TestDomain.Other.Certify(KmsCertificateRole.External, kms: "other");
        KmsCertCache read = Read(TestDomain.WriteText(TestDomain.Answer(new KmsCertCache([first, second]) { CacheNumber = long.MaxValue, NextCertificates = [next] })));
        read.CacheNumber.ShouldBe(long.MaxValue);
        read.HasNewKeys.ShouldBeFalse();
        read.Certificates.Select(c => c.ComputeFingerprint()).ShouldBe([first.ComputeFingerprint(), second.ComputeFingerprint()]);
        read.NextCertificates.ShouldHaveSingleItem().ValidFrom.ShouldBe(TestDomain.Now);
        read.Certificates.ShouldAllBe(c => !c.HasUnverifiedSignature);
    }

    [Fact]
    public void Signed_and_plain_certificates_stand_in_any_order_and_a_signature_is_told_as_unverified()
    {
        string document = TestDomain.WriteText(TestDomain.Answer(new KmsCertCache([Domain.Certify(KmsCertificateRole.External)])));
        int start = document.IndexOf("<KmsCertificate", StringComparison.Ordinal), end = document.IndexOf("</KmsCertCache>", StringComparison.Ordinal);
        string certificate = document[start..end];
        const string signature = "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo/></ds:Signature>";
        string signed = $"<SignedKmsCertificate>{certificate}{signature}</SignedKmsCertificate>";
        string unsigned = $"<SignedKmsCertificate Id=\"a\">{certificate}</SignedKmsCertificate>";
        KmsCertCache read = Read(document.Remove(start, end - start).Insert(start, certificate + signed + unsigned + signed));
        read.CacheNumber.ShouldBeNull();
        read.Certificates.Select(c => c.HasUnverifiedSignature).ShouldBe([false, true, false, true]);
    }

    [Fact]
    public void An_init_may_carry_its_certificate_signed_and_only_one()
    {
        string document = TestDomain.WriteText(TestDomain.Answer(new KmsInit(Domain.Certificate)));
        int start = document.IndexOf("<KmsCertificate", StringComparison.Ordinal), end = document.IndexOf("</KmsInit>", StringComparison.Ordinal);
        string certificate = document[start..end];
        string signed = $"<SignedKmsCertificate>{certificate}<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/></SignedKmsCertificate>";
        using (KmsResponse response = KmsResponse.Parse(TestDomain.Octets(document.Remove(start, end - start).Insert(start, signed))))
        {
            ((KmsInit)response.Message!).Certificate.HasUnverifiedSignature.ShouldBeTrue();
        }

        Fault(document.Remove(start, end - start).Insert(start, signed + certificate)).ShouldBe(KeyManagementFormatFault.DuplicateElement);
        Fault(document.Remove(start, end - start).Insert(start, certificate + signed)).ShouldBe(KeyManagementFormatFault.DuplicateElement);
        Fault(document.Remove(start, end - start)).ShouldBe(KeyManagementFormatFault.MissingElement);
        Fault(document.Remove(start, end - start).Insert(start, "<SignedKmsCertificate/>")).ShouldBe(KeyManagementFormatFault.MissingElement);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("")]
    [InlineData("9223372036854775808")]
    [InlineData("1.0")]
    public void A_number_that_is_none_is_refused(string number)
    {
        string document = TestDomain.WriteText(TestDomain.Answer(new KmsCertCache([]) { CacheNumber = 1 }));
        Fault(document.Replace("CacheNum=\"1\"", $"CacheNum=\"{number}\"", StringComparison.Ordinal)).ShouldBe(KeyManagementFormatFault.InvalidValue);
    }

    [Fact]
    public void A_lookup_comes_back_and_passes_over_what_it_does_not_know()
    {
        KmsReference[] services = [new("a", KmsRelation.Home), new("b", KmsRelation.Unknown), new("c", KmsRelation.External, "https://c.example.org")];
        string document = TestDomain.WriteText(TestDomain.Answer(new KmsLookup("sip:g@example.org", services) { Certificates = [Domain.Certificate] }));
        document = document.Replace("</KmsLookup>", "<VendorField><x/></VendorField><UserUri>again</UserUri><v:y xmlns:v=\"urn:v\"/></KmsLookup>", StringComparison.Ordinal);
        using KmsResponse response = KmsResponse.Parse(TestDomain.Octets(document));
        KmsLookup read = response.Message.ShouldBeOfType<KmsLookup>();
        (read.UserUri, read.Certificates.Count).ShouldBe(("sip:g@example.org", 1));
        read.Services.ShouldBe(services);

        using KmsResponse empty = KmsResponse.Parse(TestDomain.Octets(TestDomain.WriteText(TestDomain.Answer(new KmsLookup(null, [])))));
        empty.Message.ShouldBeOfType<KmsLookup>().Services.ShouldBeEmpty();
    }

    private static KmsCertCache Read(string document)
    {
        using KmsResponse response = KmsResponse.Parse(TestDomain.Octets(document));
        return response.Message.ShouldBeOfType<KmsCertCache>();
    }

    private static KeyManagementFormatFault Fault(string document) =>
        Should.Throw<KeyManagementFormatException>(() => KmsResponse.Parse(TestDomain.Octets(document))).Fault;
}
