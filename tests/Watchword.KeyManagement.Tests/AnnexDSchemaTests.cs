using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Xml;
using System.Xml.Schema;

namespace Watchword.KeyManagement.Tests;

/// <summary>Everything written holds the project's schema, by two validators; what the schema accepts is read.</summary>
public sealed class AnnexDSchemaTests
{
    internal const string EncryptedKey =
        "<xenc:EncryptedKey xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\">"
        + "<xenc:EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#kw-aes256\"/>"
        + "<ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:KeyName>tk.12.user@example.org</ds:KeyName></ds:KeyInfo>"
        + "<xenc:CipherData><xenc:CipherValue>AAAAAAAAAAA=</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>";

    private static readonly TestDomain Domain = TestDomain.Shared;

    private static readonly Lazy<XmlSchemaSet> Schemas = new(LoadSchemas);

    public static TheoryData<string> Kinds =>
    [
        "init", "init-external", "init-extensions", "keyprov", "keyprov-hex", "keyprov-two", "keyprov-none", "keyprov-pick-up", "keyprov-strip04",
        "keyprov-kwp", "keyprov-kwp-as-kw", "certcache", "certcache-none", "lookup", "lookup-none", "error", "error-only", "request", "request-full",
        "request-redirect", "signed-request", "signed-response",
    ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_document_written_holds_the_schema_in_process(string kind)
    {
        byte[] document = Written(kind);
        Faults(document).ShouldBeEmpty();
        ReadsBack(kind, document);
    }

    [Fact]
    public async Task Every_document_written_holds_the_schema_by_xmllint()
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("watchword-annexd-");
        try
        {
            List<string> files = [];
            foreach (string kind in Kinds.Select(row => row.Data))
            {
                string file = Path.Combine(directory.FullName, kind + ".xml");
                await File.WriteAllBytesAsync(file, Written(kind), TestContext.Current.CancellationToken);
                files.Add(file);
            }

            (int exitCode, string output) = await XmlLint(files);
            exitCode.ShouldBe(0, output);

            // The check can fail: a document out of order is found.
            string wrong = Path.Combine(directory.FullName, "wrong.xml");
            await File.WriteAllTextAsync(
                wrong, $"<KmsResponse xmlns=\"{TestDomain.Namespace}\"><KmsUri>k</KmsUri></KmsResponse>", TestContext.Current.CancellationToken);
            (exitCode, _) = await XmlLint([wrong]);
            exitCode.ShouldNotBe(0);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void The_schema_refuses_what_it_should()
    {
        string keyprov = TestDomain.WriteText(TestDomain.Answer(new KmsKeyProv([])));
        Faults(TestDomain.Octets(keyprov.Replace("<Time>", "<Tyme>", StringComparison.Ordinal).Replace("</Time>", "</Tyme>", StringComparison.Ordinal))).ShouldNotBeEmpty();
        Faults(TestDomain.Octets(keyprov.Replace("<KmsKeyProv", "<KmsKeyProv CacheNum=\"1\"", StringComparison.Ordinal))).ShouldNotBeEmpty();
        using KmsKeySet issued = Domain.Issue();
        string keys = TestDomain.WriteText(TestDomain.Answer(new KmsKeyProv([issued])));
        Faults(TestDomain.Octets(keys.Replace(" xsi:type=\"KeyContentType\"", "", StringComparison.Ordinal))).ShouldNotBeEmpty();
        Faults(TestDomain.Octets(keys.Replace("<UserDecryptKey xsi:type=\"KeyContentType\">04", "<UserDecryptKey xsi:type=\"KeyContentType\">0g", StringComparison.Ordinal))).ShouldNotBeEmpty();
    }

    [Fact]
    public void The_init_sample_of_D_3_4_is_schema_valid_and_read_once_its_keys_are_keys()
    {
        JsonElement sample = Sample();
        JsonElement certificate = sample.GetProperty("init").GetProperty("KmsCertificate");
        string placeholder = Response(sample, "ClientReqUrl_init", $"""
            <KmsInit Version="{sample.GetProperty("init").Text("Version")}">
              <KmsCertificate Version="{certificate.Text("Version")}" Role="{certificate.Text("Role")}">
                {Elements(certificate, "CertUri", "KmsUri", "Issuer", "ValidFrom", "ValidTo", "Revoked", "UserIdFormat", "UserKeyPeriod", "UserKeyOffset", "PubEncKey", "PubAuthKey", "ParameterSet")}
                <KmsDomainList>{string.Concat(certificate.GetProperty("KmsDomainList").EnumerateArray().Select(d => $"<KmsDomain>{d}</KmsDomain>"))}</KmsDomainList>
              </KmsCertificate>
            </KmsInit>
            """);
        Faults(TestDomain.Octets(placeholder)).ShouldBeEmpty();
        Refusal(placeholder).ShouldBe((KeyManagementFormatFault.WrongLength, "KmsResponse/KmsMessage/KmsInit/KmsCertificate/PubEncKey"));

        string usable = placeholder
            .Replace("<PubEncKey>029A2F", "<PubEncKey>" + Convert.ToHexString(Domain.Certificate.PublicEncryptionKey.Export()), StringComparison.Ordinal)
            .Replace("<PubAuthKey>029A2F", "<PubAuthKey>" + Convert.ToHexString(Domain.Certificate.PublicAuthenticationKey.Export()), StringComparison.Ordinal);
        Faults(TestDomain.Octets(usable)).ShouldBeEmpty();
        using KmsResponse response = KmsResponse.Parse(TestDomain.Octets(usable));
        KmsCertificate read = ((KmsInit)response.Message!).Certificate;
        (read.CertUri, read.Issuer, read.ValidTo).ShouldBe(("cert1.kms.example.org", "www.example.org", new DateTimeOffset(2025, 1, 26, 23, 59, 59, TimeSpan.Zero)));
        (read.Schedule, read.Role, read.Revoked).ShouldBe((new KeyPeriodSchedule(2592000, 0), KmsCertificateRole.Root, false));
        read.Domains.ShouldBe(["sec1.example.org", "sec2.example.org"]);
        response.KmsId.ShouldBe("KMSProvider12345");
        response.Time.ShouldBe(new DateTimeOffset(2014, 1, 26, 10, 7, 14, TimeSpan.Zero));
    }

    [Fact]
    public void The_keyprov_sample_of_D_3_4_is_schema_valid_and_read_once_its_keys_are_keys()
    {
        JsonElement sample = Sample();
        JsonElement keySet = sample.GetProperty("keyprov").GetProperty("KmsKeySet")[0];
        JsonElement second = sample.GetProperty("keyprov").GetProperty("KmsKeySet")[1];
        string one = KeySet(keySet, keySet), two = KeySet(keySet, second);
        string placeholder = Response(sample, "ClientReqUrl_keyprov", $"<KmsKeyProv Version=\"1.0.0\">{one}{two}</KmsKeyProv>");
        Faults(TestDomain.Octets(placeholder)).ShouldBeEmpty();
        Refusal(placeholder).ShouldBe((KeyManagementFormatFault.InvalidValue, "KmsResponse/KmsMessage/KmsKeyProv/KmsKeySet[1]/UserID"));

        // The placeholders replaced by keys for a 28-day schedule, the only one that period 1514 and its validity fit.
        KmsCertificate certificate = Domain.Certify(schedule: new KeyPeriodSchedule(2419200, 0));
        string usable = placeholder;
        foreach (JsonElement user in new[] { keySet, second })
        {
            using KmsKeySet issued = Domain.IssueAnew(user.Text("UserUri"), keySet.Number("KeyPeriodNo"), certificate);
            string document = TestDomain.WriteText(TestDomain.Answer(new KmsKeyProv([issued])));
            int keys = document.IndexOf("<UserDecryptKey", StringComparison.Ordinal);
            string real = document[keys..document.IndexOf("</KmsKeySet>", StringComparison.Ordinal)];
            int at = usable.IndexOf(KeyElements("DEADBEEF"), StringComparison.Ordinal);
            usable = usable.Remove(at, KeyElements("DEADBEEF").Length).Insert(at, real)
                .Replace($"<UserID>{user.Text("UserID")}<", $"<UserID>{issued.UserId.ToBase64()}<", StringComparison.Ordinal);
        }

        Faults(TestDomain.Octets(usable)).ShouldBeEmpty();
        using KmsResponse response = KmsResponse.Parse(TestDomain.Octets(usable));
        foreach (KmsKeySet read in ((KmsKeyProv)response.Message!).KeySets)
        {
            read.TryValidate(certificate, out ValidatedKeySet? validated, out KeySetFault fault).ShouldBeTrue(fault.ToString());
            validated!.Dispose();
        }
    }

    [Fact]
    public void A_document_of_the_security_extension_is_schema_valid_and_read()
    {
        using KmsKeySet issued = Domain.Issue();
        string document = TestDomain.WriteText(TestDomain.Answer(new KmsKeyProv([issued])));
        int start = document.IndexOf("<UserDecryptKey", StringComparison.Ordinal);
        int end = document.IndexOf("</KmsKeySet>", StringComparison.Ordinal);
        string keys = string.Concat(new[] { "UserDecryptKey", "UserSigningKeySSK", "UserPubTokenPVT" }
            .Select(name => $"<{name} xsi:type=\"EncKeyContentType\">{EncryptedKey}</{name}>"));
        document = document.Remove(start, end - start).Insert(start, keys)
            .Replace("<KmsKeyProv ", "<KmsKeyProv xsi:type=\"KmsKeyProvTkIkType\" ", StringComparison.Ordinal)
            .Replace("</KmsKeyProv>", $"<NewTransportKey xsi:type=\"EncKeyContentType\">{EncryptedKey}</NewTransportKey></KmsKeyProv>", StringComparison.Ordinal)
            .Replace("</KmsResponse>", "<TrK-ID>tk.12</TrK-ID><Signature-ID>ink.12</Signature-ID></KmsResponse>", StringComparison.Ordinal);
        Faults(TestDomain.Octets(document)).ShouldBeEmpty();
        using KmsResponse response = KmsResponse.Parse(TestDomain.Octets(document));
        (response.TransportKeyId, response.SignatureId, response.Message!.HasNewKeys).ShouldBe(("tk.12", "ink.12", true));
        ((KmsKeyProv)response.Message).KeySets[0].HasEncryptedKeys.ShouldBeTrue();
    }

    internal static byte[] Written(string kind)
    {
        using KmsKeySet first = Domain.Issue();
        using KmsKeySet second = Domain.Issue("tel:+447700900123");
        return kind switch
        {
            "init" => TestDomain.Write(TestDomain.Answer(new KmsInit(Domain.Certificate))),
            "init-external" => TestDomain.Write(TestDomain.Answer(new KmsInit(Domain.Certify(KmsCertificateRole.External, certUri: null)))),
            "keyprov" => TestDomain.Write(TestDomain.Answer(new KmsKeyProv([first]))),
            "keyprov-hex" => TestDomain.Write(
                TestDomain.Answer(new KmsKeyProv([first])), new AnnexDOptions { UserIdEncoding = UserIdEncoding.Hexadecimal, TimesCarryZone = false }),
            "keyprov-two" => TestDomain.Write(TestDomain.Answer(new KmsKeyProv([first, second]))),
            "keyprov-none" => TestDomain.Write(TestDomain.Answer(new KmsKeyProv([]))),
            "error" => TestDomain.Write(TestDomain.Answer(null, new KmsErrorBody(403, "no"))),
            "error-only" => TestDomain.Write(new KmsResponse
            {
                UserUri = "u",
                KmsUri = "k",
                Time = TestDomain.Now,
                ClientReqUrl = "/x",
                Error = new KmsErrorBody(-1, ""),
                TransportKeyId = "tk.1",
                SignatureId = "ink.1",
            }),
            "request" => Request(new KmsRequest { UserUri = TestDomain.User, KmsUri = TestDomain.Kms, Time = TestDomain.Now, ClientReqUrl = TestDomain.Url }),
            "request-full" => Request(new KmsRequest
            {
                UserUri = TestDomain.User,
                KmsUri = TestDomain.Kms,
                Time = TestDomain.Now.AddTicks(1),
                ClientReqUrl = TestDomain.Url,
                ClientId = "client",
                DeviceId = "device",
                ClientError = new KmsErrorBody(400, "bad key"),
                TransportKeyId = "tk.1",
                SignatureId = "ink.1",
            }),
            "request-redirect" => Request(new KmsRequest
            {
                UserUri = TestDomain.User,
                KmsUri = TestDomain.Kms,
                Time = TestDomain.Now,
                ClientReqUrl = TestDomain.Url,
                RedirectResponses = [KmsRedirectResponse.Create("a.example.org", "b.example.org", ["c.example.org"], KmsRedirectResponse.Create("a", "d", []))],
            }),
            "signed-request" => Signed(key => (stream => new KmsRequest
            {
                UserUri = TestDomain.User,
                KmsUri = TestDomain.Kms,
                Time = TestDomain.Now,
                ClientReqUrl = TestDomain.Url,
                HeldCertificates = [new HeldCertificate(TestDomain.Kms, Domain.Certificate.ComputeFingerprint())],
            }.WriteSignedTo(stream, key))),
            "signed-response" => Signed(key => stream => TestDomain.Answer(new KmsCertCache([])).WriteSignedTo(stream, key)),
            _ => TestDomain.Write(TestDomain.Answer(Message(kind))),
        };
    }

    private static KmsMessage Message(string kind)
    {
        using TransportKey held = TransportKey.Generate("tk.12.user@example.org");
        using TransportKey next = TransportKey.Generate("tk.13.user@example.org");
        using IntegrityKey sign = IntegrityKey.Generate("ink.13.user@example.org");
        using KmsKeySet issued = Domain.Issue();
        KmsCertificate other = Domain.Certify(KmsCertificateRole.External, certUri: null);
        return kind switch
        {
            "init-extensions" => new KmsInit(Domain.Certificate)
            {
                NextCertificates = [Domain.Certify(from: TestDomain.Now)],
                MigrationServices = [new KmsReference("m.example.org", KmsRelation.Migration, "https://m.example.org"), new KmsReference("n", KmsRelation.Migration)],
                NewTransportKeys = [WrappedKey.Wrap(next, held)],
                NewIntegrityKeys = [WrappedKey.Wrap(sign, held)],
            },
            "keyprov-pick-up" => new KmsKeyProv([Domain.Issue()])
            {
                PickUps = [new KeyPickUp(TestDomain.Now, TestDomain.Now.AddDays(1)), new KeyPickUp(TestDomain.Now, TestDomain.Now, TestDomain.User)],
            },
            "keyprov-strip04" => new KmsKeyProv([issued.Wrap(held)]) { NewTransportKeys = [WrappedKey.Wrap(next, held)], NewIntegrityKeys = [WrappedKey.Wrap(sign, held)] },
            "keyprov-kwp" => new KmsKeyProv([issued.Wrap(held, KeyWrapProfile.Kwp)]),
            // Hexadecimal digits are base64 too, as far as a schema can tell.
            "keyprov-kwp-as-kw" => new KmsKeyProv([issued.Wrap(held, KeyWrapProfile.KwpAsKw)]),
            "certcache" => new KmsCertCache([other, other]) { CacheNumber = 7, NextCertificates = [other] },
            "certcache-none" => new KmsCertCache([]) { CacheNumber = 7 },
            "lookup" => new KmsLookup("sip:group@example.org", [new KmsReference("a", KmsRelation.Home), new KmsReference("b", KmsRelation.Unknown), new KmsReference("c", KmsRelation.External, "https://c.example.org")])
            {
                Certificates = [other],
            },
            "lookup-none" => new KmsLookup("sip:group@example.org", []),
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
    }

    private static byte[] Signed(Func<SecurityExtensionKey, Action<Stream>> write)
    {
        using IntegrityKey key = IntegrityKey.Generate("ink.12.user@example.org");
        using MemoryStream document = new();
        write(key)(document);
        return document.ToArray();
    }

    private static byte[] Request(KmsRequest request)
    {
        using MemoryStream document = new();
        request.WriteTo(document);
        return document.ToArray();
    }

    private static void ReadsBack(string kind, byte[] document)
    {
        if (kind.StartsWith("signed", StringComparison.Ordinal))
        {
            (SignedKmsRequest.TryParse(document, null, out _) || SignedKmsResponse.TryParse(document, null, out _)).ShouldBeTrue();
        }
        else if (kind.StartsWith("request", StringComparison.Ordinal))
        {
            KmsRequest.Parse(document).UserUri.ShouldBe(TestDomain.User);
        }
        else
        {
            KmsResponse.Parse(document).Dispose();
        }
    }

    private static JsonElement Sample() => Vectors.Document("annexd/ts33180_d34_sample_message_values.json");

    private static string Response(JsonElement sample, string url, string message)
    {
        // The published messages put KmsUri before UserUri; the schema does not.
        JsonElement response = sample.GetProperty("response");
        return $"""
            <KmsResponse xmlns="{TestDomain.Namespace}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" Version="{response.Text("Version")}">
              {Elements(response, "UserUri", "KmsUri", "Time", "KmsId")}
              <ClientReqUrl>{response.Text(url)}</ClientReqUrl>
              <KmsMessage>{message}</KmsMessage>
            </KmsResponse>
            """;
    }

    private static string KeySet(JsonElement values, JsonElement user) =>
        $"<KmsKeySet Version=\"{values.Text("Version")}\">{Elements(values, "KmsUri", "CertUri", "Issuer")}{Elements(user, "UserUri", "UserID")}"
        + Elements(values, "ValidFrom", "ValidTo", "KeyPeriodNo", "Revoked") + KeyElements(values.Text("key_octets")) + "</KmsKeySet>";

    private static string KeyElements(string digits) => string.Concat(
        new[] { "UserDecryptKey", "UserSigningKeySSK", "UserPubTokenPVT" }.Select(name => $"<{name} xsi:type=\"KeyContentType\">{digits}</{name}>"));

    private static string Elements(JsonElement values, params string[] names) =>
        string.Concat(names.Select(name => $"<{name}>{values.GetProperty(name)}</{name}>"));

    private static (KeyManagementFormatFault, string) Refusal(string document)
    {
        KeyManagementFormatException refused =
            Should.Throw<KeyManagementFormatException>(() => KmsResponse.Parse(TestDomain.Octets(document)));
        return (refused.Fault, refused.ElementPath);
    }

    private static List<string> Faults(byte[] document)
    {
        List<string> faults = [];
        XmlReaderSettings settings = new() { ValidationType = ValidationType.Schema, Schemas = Schemas.Value, XmlResolver = null };
        settings.ValidationFlags |= XmlSchemaValidationFlags.ReportValidationWarnings;
        settings.ValidationEventHandler += (_, e) =>
        {
            // Open content (lax) is only told when nothing declares it.
            if (e.Severity == XmlSeverityType.Error || !e.Message.StartsWith("Could not find schema information", StringComparison.Ordinal))
            {
                faults.Add(e.Message);
            }
        };
        using XmlReader reader = XmlReader.Create(new MemoryStream(document), settings);
        while (reader.Read())
        {
            // The handler collects.
        }

        return faults;
    }

    private static XmlSchemaSet LoadSchemas()
    {
        List<string> faults = [];
        XmlSchemaSet set = new() { XmlResolver = null };
        set.ValidationEventHandler += (_, e) =>
        {
            // Imports are loaded below by hand, without resolver.
            if (!e.Message.Contains("Cannot resolve the 'schemaLocation'", StringComparison.Ordinal))
            {
                faults.Add(e.Message);
            }
        };
        foreach (string file in Directory.GetFiles(Vectors.Schemas, "*.xsd"))
        {
            using XmlReader reader = XmlReader.Create(file);
            set.Add(null, reader);
        }

        set.Compile();
        faults.ShouldBeEmpty();
        return set;
    }

    private static async Task<(int ExitCode, string Output)> XmlLint(List<string> files)
    {
        ProcessStartInfo start = new("xmllint") { RedirectStandardError = true, RedirectStandardOutput = true };
        start.ArgumentList.Add("--noout");
        start.ArgumentList.Add("--nonet");
        start.ArgumentList.Add("--schema");
        start.ArgumentList.Add(Path.Combine(Vectors.Schemas, "kms-interface.xsd"));
        files.ForEach(start.ArgumentList.Add);
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, await output + await errors);
        }
        catch (Win32Exception)
        {
            throw new InvalidOperationException("xmllint is not installed: it comes with the Debian package libxml2-utils (./test.sh installs it).");
        }
    }
}
