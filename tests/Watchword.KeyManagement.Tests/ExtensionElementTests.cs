using System.Text;

namespace Watchword.KeyManagement.Tests;

/// <summary>Elements of <c>urn:watchword:kms:1</c>, fingerprints, and what deployed clients do to the others.</summary>
public sealed class ExtensionElementTests
{
    private static readonly TestDomain Domain = TestDomain.Shared;

    [Fact]
    public void Pick_up_times_come_back()
    {
        KeyPickUp[] pickUps = [new(TestDomain.Now, TestDomain.Now.AddDays(1)), new(TestDomain.Now.AddTicks(1), TestDomain.Now.AddDays(2), TestDomain.User)];
        string document = TestDomain.WriteText(TestDomain.Answer(new KmsKeyProv([]) { PickUps = pickUps }), new AnnexDOptions { TimesCarryZone = false });
        using KmsResponse response = KmsResponse.Parse(TestDomain.Octets(document));
        ((KmsKeyProv)response.Message!).PickUps.ShouldBe(pickUps);

        string reversed = document.Replace("NotBefore", "X", StringComparison.Ordinal).Replace("NotAfter", "NotBefore", StringComparison.Ordinal).Replace("w:X", "w:NotAfter", StringComparison.Ordinal);
        Should.Throw<KeyManagementFormatException>(() => KmsResponse.Parse(TestDomain.Octets(reversed))).ElementPath.ShouldEndWith("w:PickUp[1]/NotAfter");
        string later = document.Replace("</w:PickUp>", "<w:Later><x/></w:Later></w:PickUp>", StringComparison.Ordinal);
        KmsResponse.Parse(TestDomain.Octets(later)).Dispose();
    }

    [Fact]
    public void Init_carries_next_certificates_and_migration_services()
    {
        KmsCertificate next = Domain.Certify(from: TestDomain.Now, schedule: new KeyPeriodSchedule(604800, 0));
        KmsReference[] services = [new("m.example.org", KmsRelation.Migration, "https://m.example.org"), new("n.example.org", KmsRelation.Migration)];
        using KmsResponse response = KmsResponse.Parse(TestDomain.Write(
            TestDomain.Answer(new KmsInit(Domain.Certificate) { NextCertificates = [next], MigrationServices = services })));
        KmsInit init = (KmsInit)response.Message!;
        init.NextCertificates.ShouldHaveSingleItem().ComputeFingerprint().ShouldBe(next.ComputeFingerprint());
        init.MigrationServices.ShouldBe(services);
    }

    [Fact]
    public void A_request_tells_the_certificates_held()
    {
        HeldCertificate[] held = [new(TestDomain.Kms, Domain.Certificate.ComputeFingerprint()), new("other", TestDomain.Other.Certificate.ComputeFingerprint())];
        string document = Write(Request(held), null);
        KmsRequest.Parse(TestDomain.Octets(document)).HeldCertificates.ShouldBe(held);
        string wrong = document.Replace(held[0].Fingerprint.ToHex(), "00", StringComparison.Ordinal);
        Should.Throw<KeyManagementFormatException>(() => KmsRequest.Parse(TestDomain.Octets(wrong))).Fault.ShouldBe(KeyManagementFormatFault.InvalidValue);
    }

    [Fact]
    public void Extensions_of_others_are_passed_over()
    {
        string document = Write(Request([]), null).Replace("</KmsRequest>", "<v:HeldCertificates xmlns:v=\"urn:v\"><x/></v:HeldCertificates></KmsRequest>", StringComparison.Ordinal);
        KmsRequest.Parse(TestDomain.Octets(document)).HeldCertificates.ShouldBeEmpty();
        KmsRequest.Parse(TestDomain.Octets(document), AnnexDReadOptions.Request with { Lenient = true }).HeldCertificates.ShouldBeEmpty();
    }

    [Fact]
    public void A_fingerprint_is_of_the_content_and_neither_of_role_nor_of_revocation()
    {
        KmsCertificateFingerprint root = Domain.Certificate.ComputeFingerprint();
        Domain.Certify(KmsCertificateRole.External, revoked: true).ComputeFingerprint().ShouldBe(root);
        KmsCertificate[] others =
        [
            Domain.Certify(kms: "kms.example.net"), Domain.Certify(certUri: null), Domain.Certify(certUri: ""), Domain.Certify(schedule: new KeyPeriodSchedule(2592000, 1)),
            Domain.Certify(schedule: new KeyPeriodSchedule(2592001, 0)), Domain.Certify(from: TestDomain.Now), Domain.Certify(to: TestDomain.Now), TestDomain.Other.Certify(),
        ];
        others.Select(c => c.ComputeFingerprint()).Append(root).Distinct().Count().ShouldBe(others.Length + 1);
    }

    [Fact]
    public void The_encoding_hashed_is_the_documented_one()
    {
        KmsCertificate certificate = Domain.Certify(certUri: null);
        List<byte> input = [.. "watchword-kms-certificate-1"u8];
        void Field(byte[]? octets)
        {
            input.Add(octets is null ? (byte)0 : (byte)1);
            if (octets is not null)
            {
                input.AddRange([(byte)(octets.Length >> 24), (byte)(octets.Length >> 16), (byte)(octets.Length >> 8), (byte)octets.Length, .. octets]);
            }
        }

        void Text(string? text) => Field(text is null ? null : Encoding.UTF8.GetBytes(text));
        Text(null);
        Text(TestDomain.Kms);
        Text("www.example.org");
        Text("2000-01-26T00:00:00Z");
        Text("2036-01-26T23:59:59Z");
        Text("2");
        Text("2592000");
        Text("0");
        Field(certificate.PublicEncryptionKey.Export());
        Field(certificate.PublicAuthenticationKey.Export());
        Text("1");
        Text(null);
        Text("2");
        Text("sec1.example.org");
        Text("sec2.example.org");
        certificate.ComputeFingerprint().Octets.ToArray().ShouldBe(System.Security.Cryptography.SHA256.HashData(input.ToArray()));
    }

    [Fact]
    public void A_fingerprint_is_read_as_people_write_it()
    {
        KmsCertificateFingerprint fingerprint = Domain.Certificate.ComputeFingerprint();
        fingerprint.ToString().Length.ShouldBe(64 + 15);
        foreach (string text in new[] { fingerprint.ToString(), fingerprint.ToHex(), fingerprint.ToString().ToLowerInvariant().Replace(' ', ':') })
        {
            KmsCertificateFingerprint.TryParse(text, out KmsCertificateFingerprint? read).ShouldBeTrue();
            read.ShouldBe(fingerprint);
        }

        foreach (string? text in new[] { null, "", fingerprint.ToHex()[1..], fingerprint.ToHex() + "0", fingerprint.ToHex()[1..] + "g" })
        {
            KmsCertificateFingerprint.TryParse(text, out _).ShouldBeFalse();
        }

        KmsCertificateFingerprint.FromOctets(fingerprint.Octets).ShouldBe(fingerprint);
        Should.Throw<ArgumentException>(() => KmsCertificateFingerprint.FromOctets(new byte[31]));
    }

    [Theory]
    [InlineData("2026-01-10T12:00:00", false)]
    [InlineData("2026-01-10T12:00:00.5", false)]
    [InlineData("2026-01-10T12:00:00Z", true)]
    [InlineData("2026-01-10T12:00:00.25+01:00", true)]
    [InlineData("2026-01-10T12:00:00-01:00", true)]
    public void A_time_without_zone_is_told(string time, bool zone)
    {
        string document = Write(Request([]), null).Replace("2026-01-10T12:00:00Z", time, StringComparison.Ordinal);
        KmsRequest.Parse(TestDomain.Octets(document)).TimeHadZone.ShouldBe(zone);
    }

    [Theory]
    [InlineData("http://www.kapsch.net/mcptt/xml/KmsInterface", "1.0.0")]
    [InlineData("http://org.csc.kms", "TOBEDEFINED")]
    [InlineData("TOBEDEFINED", "1.1.0")]
    public void Namespaces_and_versions_of_old_clients_are_read_leniently_and_written_on_request(string name, string version)
    {
        AnnexDOptions options = new() { Namespace = name };
        string document = Write(Request([]), options).Replace("Version=\"1.1.0\"", $"Version=\"{version}\"", StringComparison.Ordinal);
        document.ShouldContain($"xmlns=\"{name}\"");
        document.ShouldNotContain(TestDomain.Namespace);
        KmsRequest.Parse(TestDomain.Octets(document), AnnexDReadOptions.Request with { Lenient = true }).UserUri.ShouldBe(TestDomain.User);
        Should.Throw<KeyManagementFormatException>(() => KmsRequest.Parse(TestDomain.Octets(document))).Fault.ShouldBe(KeyManagementFormatFault.UnexpectedRoot);

        using IntegrityKey key = IntegrityKey.Generate("ink.1");
        using MemoryStream signed = new();
        Request([]).WriteSignedTo(signed, key, options);
        SignedKmsRequest.Parse(signed.ToArray(), AnnexDReadOptions.Request with { Lenient = true }).TryVerify(key, out _, out SignatureFault fault).ShouldBeTrue(fault.ToString());
        Should.Throw<KeyManagementFormatException>(() => SignedKmsRequest.Parse(signed.ToArray()));
    }

    private static KmsRequest Request(IReadOnlyList<HeldCertificate> held) =>
        new() { UserUri = TestDomain.User, KmsUri = TestDomain.Kms, Time = TestDomain.Now, ClientReqUrl = TestDomain.Url, HeldCertificates = held };

    private static string Write(KmsRequest request, AnnexDOptions? options)
    {
        using MemoryStream document = new();
        request.WriteTo(document, options);
        return Encoding.UTF8.GetString(document.ToArray());
    }
}
