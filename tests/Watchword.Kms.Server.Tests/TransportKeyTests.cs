using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.Server.Hosting;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

/// <summary>The security extension (TS 33.180 D.1): what is refused, what the policies allow, and what other tools make of
/// it.</summary>
public sealed class TransportKeyTests
{
    private const string Alice = "sip:alice.ptt@mc.test.example";
    private const string Video = "sip:alice.video@mc.test.example";
    private const string Phone = "phone-1";

    private static readonly Authority Officer = new("admin", "olga", "crypto officer");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_signature_is_verified_and_never_ignored()
    {
        await using KmsHost host = await KmsHost.StartAsync();
        using ProtectedClient client = await EnrolAsync(host);
        using ProtectedClient others = await EnrolAsync(host, "sip:bob.ptt@mc.test.example", "phone-9");
        string path = AnnexDPaths.KeyProv(Alice);
        using IntegrityKey forged = IntegrityKey.Import(client.Pairs[0].IntegrityKey.Id, new byte[32]);
        string good = Encoding.UTF8.GetString(client.Sign(path));
        Dictionary<string, (byte[] Body, KmsError Error)> requests = new()
        {
            ["another key under the right name"] = (client.Sign(path, key: forged), KmsError.SignatureInvalid),
            ["changed afterwards"] = (Changed(good, "<TrK-ID>tk.1", "<TrK-ID>tk.2"), KmsError.SignatureInvalid),
            ["the key of somebody else"] = (client.Sign(path, key: others.Pairs[0].IntegrityKey), KmsError.TransportKeyUnknown),
            ["the whole of somebody else"] = (others.Sign(path, userUri: Alice), KmsError.TransportKeyUnknown),
            ["another client id"] = (client.Sign(path, clientId: "phone-9"), KmsError.TransportKeyUnknown),
            ["no client id"] = (Changed(good, $"<ClientId>{Phone}</ClientId>", ""), KmsError.ClientIdMissing),
            ["no signature"] = (Unsigned(good), KmsError.SignatureMissing),
            ["no signature nor its name"] = (host.Request(path), KmsError.SignatureRequired),
            ["no body"] = ([], KmsError.SignatureRequired),
            ["two messages"] = (Changed(good, "<Signature ", Between(good, "<KmsRequest", "</KmsRequest>") + "<Signature "),
                KmsError.SignedRequestMalformed),
            ["another method"] = (
                Changed(good, "xmldsig-more#hmac-sha256", "xmldsig-more#hmac-sha1"), KmsError.SignedRequestMalformed),
        };
        foreach ((string name, (byte[] body, KmsError error)) in requests)
        {
            using Answer answer = await host.PostAsync(path, host.Token(), body);
            answer.Error.ShouldBe(error, name);
            ((int)answer.Status).ShouldBe((int)error / 100, name);
            answer.Document.SignatureId.ShouldBeNull();
        }

        using Answer taken = await host.PostAsync(path, host.Token(), Encoding.UTF8.GetBytes(good));
        client.Verify(taken).Dispose();
        (await host.AuditAsync()).Count(record => record.Entry is { Kind: AuditKind.Denied, Subject: "alice" }).ShouldBe(7);
    }

    [Fact]
    public async Task What_is_refused_after_the_signature_held_is_refused_under_a_signature()
    {
        await using KmsHost host = await KmsHost.StartAsync();
        using ProtectedClient client = await EnrolAsync(host);
        string path = AnnexDPaths.KeyProv(Alice);
        byte[] first = client.Sign(path);
        using Answer taken = await host.PostAsync(path, host.Token(), first);
        taken.Status.ShouldBe(HttpStatusCode.OK);
        DateTimeOffset now = host.Time.GetUtcNow();
        Dictionary<string, (string Path, byte[] Body, KmsError Error)> requests = new()
        {
            ["again"] = (path, first, KmsError.RequestReplayed),
            ["old"] = (path, client.Sign(path, time: now.AddSeconds(-31)), KmsError.RequestTimeOutsideWindow),
            ["early"] = (path, client.Sign(path, time: now.AddSeconds(31)), KmsError.RequestTimeOutsideWindow),
            ["elsewhere"] = (AnnexDPaths.Init, client.Sign(path, time: now.AddSeconds(1)), KmsError.WrongRequestUrl),
            ["another KMS"] = (path, client.Sign(path, kmsUri: "kms.other.example"), KmsError.WrongKmsUri),
            ["another user"] = (path, client.Sign(path, userUri: "sip:bob@mc.test.example"), KmsError.UserUriNotRequesters),
            ["another transport key"] = (path, client.Sign(path, transportKeyId: "tk.9.alice"), KmsError.TransportKeyNotHeld),
            ["another identity"] = (AnnexDPaths.KeyProv("sip:bob@mc.test.example"),
                client.Sign(AnnexDPaths.KeyProv("sip:bob@mc.test.example")), KmsError.IdentityNotRequesters),
        };
        foreach ((string name, (string to, byte[] body, KmsError error)) in requests)
        {
            using Answer answer = await host.PostAsync(to, host.Token(), body);
            using KmsResponse response = client.Verify(answer);
            ((KmsError)response.Error!.ErrorCode).ShouldBe(error, name);
            ((int)answer.Status).ShouldBe((int)error / 100, name);
        }

        // A signature is no token.
        using Answer noToken = await host.PostAsync(path, null, client.Sign(path, time: now.AddSeconds(2)));
        noToken.Error.ShouldBe(KmsError.NoToken);
        using Answer noScope = await host.PostAsync(
            path, host.Token(("scope", "openid")), client.Sign(path, time: now.AddSeconds(3)));
        noScope.Error.ShouldBe(KmsError.InsufficientScope);
    }

    [Fact]
    public async Task The_transport_key_signs_for_a_client_that_has_nothing_else()
    {
        await using KmsHost host = await KmsHost.StartAsync();
        using TransportKey key = TransportKey.Generate("site-key");
        await KeysOf(host).ImportAsync(Officer, new TransportKeyEnrolment(KmsHost.KmsUri, Alice, Phone), key, null, "c", Token);
        using MemoryStream body = new();
        new KmsRequest
        {
            UserUri = Alice,
            KmsUri = KmsHost.KmsUri,
            Time = host.Time.GetUtcNow(),
            ClientId = Phone,
            ClientReqUrl = host.Address.GetLeftPart(UriPartial.Authority) + AnnexDPaths.KeyProv(Alice),
        }.WriteSignedTo(body, key);
        using Answer answer = await host.PostAsync(AnnexDPaths.KeyProv(Alice), host.Token(), body.ToArray());
        SignedKmsResponse.Parse(answer.Body).TryVerify(key, out KmsResponse? response, out _).ShouldBeTrue();
        using (response)
        {
            ((KmsKeyProv)response!.Message!).KeySets.Single().TransportKeyId.ShouldBe("site-key");
        }
    }

    [Fact]
    public async Task Where_wrapping_is_required_no_plain_key_ever_leaves()
    {
        await using KmsHost host = await KmsHost.StartAsync(("Kms:TransportKeys:RequireWrapping", "true"));
        using Answer init = await host.PostAsync(AnnexDPaths.Init, host.Token());
        init.Status.ShouldBe(HttpStatusCode.OK);
        foreach (string path in new[] { AnnexDPaths.KeyProv(), AnnexDPaths.KeyProv(Alice) })
        {
            using Answer empty = await host.PostAsync(path, host.Token());
            (empty.Status, empty.Error).ShouldBe((HttpStatusCode.Forbidden, KmsError.TransportKeyRequired));
            using Answer plain = await host.PostAsync(path, host.Token(), host.Request(path));
            plain.Error.ShouldBe(KmsError.TransportKeyRequired);
            Encoding.UTF8.GetString(plain.Body).ShouldNotContain("KmsKeySet");
        }

        AuditEntry[] log = [.. (await host.AuditAsync()).Select(record => record.Entry)];
        log.ShouldNotContain(entry => entry.Kind == AuditKind.Intent);
        log.Count(entry => entry.Result == (int)KmsError.TransportKeyRequired).ShouldBe(4);

        using ProtectedClient client = await EnrolAsync(host);
        using KmsResponse wrapped = (await client.AskAsync(AnnexDPaths.KeyProv()))!;
        client.Unwrap(wrapped).Count.ShouldBe(3);
    }

    [Fact]
    public async Task Where_signatures_are_off_an_empty_request_gets_wrapped_keys()
    {
        await using KmsHost host = await KmsHost.StartAsync(("Kms:TransportKeys:SignedRequests", "Off"));
        using ProtectedClient client = await EnrolAsync(host);
        using Answer empty = await host.KeyProvAsync(host.Token(), Alice);
        empty.Document.TransportKeyId.ShouldBe(client.Pairs[0].TransportKey.Id);
        client.Unwrap(empty.Document).Single().UserUri.ShouldBe(Alice);
        string file = Path.Combine(host.Directory, "wrapped.xml");
        await File.WriteAllBytesAsync(file, empty.Body, Token);
        string schema = Path.Combine(AppContext.BaseDirectory, "schemas", "kms-interface.xsd");
        (int accepted, _, string errors) = await Tool.RunAsync("xmllint", "--noout", "--nonet", "--schema", schema, file);
        accepted.ShouldBe(0, errors);
        using KmsResponse signed = (await client.AskAsync(AnnexDPaths.KeyProv(Alice)))!;
        client.Unwrap(signed).ShouldHaveSingleItem();

        // The one that asks is no longer plain from what it says.
        await KeysOf(host).EnrolAsync(Officer, new TransportKeyEnrolment(KmsHost.KmsUri, Video, "tablet"), "c", Token);
        using Answer ambiguous = await host.KeyProvAsync(host.Token(), Alice);
        ambiguous.Error.ShouldBe(KmsError.ClientAmbiguous);
        await KeysOf(host).RevokeAsync(Officer, KmsHost.KmsUri, Video, "tablet", "lost", "c", Token);
        using Answer again = await host.KeyProvAsync(host.Token(), Alice);
        client.Unwrap(again.Document).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Where_signatures_are_required_nobody_else_is_served()
    {
        await using KmsHost host = await KmsHost.StartAsync(("Kms:TransportKeys:SignedRequests", "Required"));
        using Answer answer = await host.PostAsync(AnnexDPaths.Init, host.Token());
        (answer.Status, answer.Error).ShouldBe((HttpStatusCode.Forbidden, KmsError.SignatureRequired));
        using ProtectedClient client = await EnrolAsync(host);
        (await client.AskAsync(AnnexDPaths.Init))!.Dispose();
    }

    [Fact]
    public async Task A_revoked_client_is_refused_and_its_user_is_not_let_in_without_signature()
    {
        await using KmsHost host = await KmsHost.StartAsync();
        using ProtectedClient client = await EnrolAsync(host);
        await KeysOf(host).RevokeAsync(Officer, KmsHost.KmsUri, Alice, Phone, "stolen", "c", Token);
        using Answer signed = await host.PostAsync(AnnexDPaths.Init, host.Token(), client.Sign(AnnexDPaths.Init));
        signed.Error.ShouldBe(KmsError.TransportKeyUnknown);
        using Answer plain = await host.PostAsync(AnnexDPaths.Init, host.Token());
        plain.Error.ShouldBe(KmsError.SignatureRequired);
        await KeysOf(host).ReleaseAsync(Officer, KmsHost.KmsUri, Alice, Phone, "new device without keys", "c", Token);
        using Answer released = await host.PostAsync(AnnexDPaths.Init, host.Token());
        released.Status.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(null, "KwpAsKw", KeyWrapProfile.KwpAsKw)]
    [InlineData(KeyWrapProfile.Kwp, "KwpAsKw", KeyWrapProfile.Kwp)]
    [InlineData(null, null, KeyWrapProfile.KwStrip04)]
    public async Task A_client_may_have_a_wrap_profile_of_its_own(KeyWrapProfile? own, string? domain, KeyWrapProfile expected)
    {
        await using KmsHost host = await KmsHost.StartAsync(("Kms:TransportKeys:WrapProfile", domain));
        using ProtectedClient client = await EnrolAsync(host, profile: own);
        using KmsResponse response = (await client.AskAsync(AnnexDPaths.KeyProv(Alice)))!;
        client.Unwrap(response).Single().UnwrappedFrom.ShouldBe(expected);
    }

    [Fact]
    public async Task A_network_entity_is_enrolled_like_a_user()
    {
        const string entity = "sip:mcx-server@mc.test.example";
        using X509Certificate2 peer = TestCertificates.CreateClientCertificate(
            KmsHost.StartOfPeriod().AddDays(-1), KmsHost.StartOfPeriod().AddDays(1));
        await using KmsHost host = await KmsHost.StartAsync(
            [("Kms:AssertedIdentity:Listen:0", "https://127.0.0.1:0"),
            .. AssertedIdentityTests.SharedHost.PeerSettings(0, peer, entity)]);
        using ProtectedClient client = await EnrolAsync(host, entity, "server-1");
        using HttpClient http = host.Certificates.CreateClient(host.AssertedAddress!, peer);
        (string, string) header = ("X-3GPP-Asserted-Identity", $"\"{entity}\"");
        using Answer plain = await KmsHost.SendAsync(http, AnnexDPaths.KeyProv(), null, headers: header);
        plain.Error.ShouldBe(KmsError.SignatureRequired);
        using Answer signed = await KmsHost.SendAsync(
            http, AnnexDPaths.KeyProv(), null, client.Sign(AnnexDPaths.KeyProv()), headers: header);
        using KmsResponse response = client.Verify(signed);
        client.Unwrap(response).Single().UserUri.ShouldBe(entity);
    }

    [Fact]
    public async Task Neither_database_nor_log_has_a_key()
    {
        await using KmsHost host = await KmsHost.StartAsync();
        using ProtectedClient client = await EnrolAsync(host);
        await KeysOf(host).RotateAsync(Officer, KmsHost.KmsUri, Alice, Phone, "c", Token);
        (await client.AskAsync(AnnexDPaths.Init))!.Dispose();
        (await client.AskAsync(AnnexDPaths.Init))!.Dispose();
        await host.StopAsync();
        byte[][] keys = [.. client.Pairs.SelectMany(pair => new SecurityExtensionKey[] { pair.TransportKey, pair.IntegrityKey })
            .Select(ProtectedClient.Octets)];
        keys.Length.ShouldBe(4);
        foreach (string file in Directory.GetFiles(host.DataDirectory, "*", SearchOption.AllDirectories))
        {
            byte[] content = await File.ReadAllBytesAsync(file, Token);
            keys.ShouldAllBe(key => !Holds(content, key) && !Holds(content, Hex(key)), file);
        }

        host.Log.ShouldAllBe(line =>
            !line.Contains("alice", StringComparison.Ordinal) && !line.Contains(Phone, StringComparison.Ordinal));
        host.Log.ShouldContain(line => line.Contains(" 2351 ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Xmlsec1_verifies_and_xmllint_accepts_what_the_server_signs()
    {
        await using KmsHost host = await KmsHost.StartAsync();
        using ProtectedClient client = await EnrolAsync(host);
        string keyFile = Path.Combine(host.Directory, "ink");
        await File.WriteAllBytesAsync(keyFile, ProtectedClient.Octets(client.Pairs[0].IntegrityKey), Token);
        await KeysOf(host).RotateAsync(Officer, KmsHost.KmsUri, Alice, Phone, "c", Token);
        DateTimeOffset now = host.Time.GetUtcNow();
        string far = AnnexDPaths.KeyProv(Alice, NtpTimestamp.FromDateTimeOffset(now.AddDays(365)));
        List<string> files = [];
        foreach (string path in new[] { AnnexDPaths.Init, AnnexDPaths.KeyProv(), AnnexDPaths.KeyProv(Alice), far })
        {
            using Answer answer = await host.PostAsync(path, host.Token(), client.Sign(path));
            files.Add(Path.Combine(host.Directory, $"signed-{files.Count}.xml"));
            await File.WriteAllBytesAsync(files[^1], answer.Body, Token);
            (int verified, _, string told) = await Tool.RunAsync(
                "xmlsec1", "--verify", "--id-attr:Id", "urn:3gpp:ns:mcsecKMSInterface:1.0:KmsResponse",
                "--hmackey:" + client.Pairs[0].IntegrityKey.Id, keyFile, files[^1]);
            verified.ShouldBe(0, told);
        }

        (await File.ReadAllTextAsync(files[0], Token)).ShouldContain("KmsInitTkIkType");
        (await File.ReadAllTextAsync(files[1], Token)).ShouldContain("KmsKeyProvTkIkType");
        (await File.ReadAllTextAsync(files[3], Token)).ShouldContain($"<ErrorCode>{(int)KmsError.PeriodNotOpen}<");
        string schema = Path.Combine(AppContext.BaseDirectory, "schemas", "kms-interface.xsd");
        (int accepted, _, string errors) = await Tool.RunAsync("xmllint", ["--noout", "--nonet", "--schema", schema, .. files]);
        accepted.ShouldBe(0, errors);
    }

    [Theory]
    [InlineData("Kms:TransportKeys:SignedRequests", "7")]
    [InlineData("Kms:TransportKeys:WrapProfile", "7")]
    [InlineData("Kms:TransportKeys:RotateAfterDays", "-1")]
    [InlineData("Kms:TransportKeys:KeepReplacedHours", "9000")]
    [InlineData("Kms:TransportKeys:Signed", "true")]
    public async Task A_policy_that_cannot_be_is_refused(string key, string value)
    {
        await using KmsHost host = KmsHost.With((key, value));
        Should.Throw<KmsException>(() => host.CreateApplication()).Error.ShouldBe(KmsError.ConfigurationInvalid);
    }

    private static TransportKeyDirectory KeysOf(KmsHost host) => host.Services.GetRequiredService<KmsState>().TransportKeys;

    private static async Task<ProtectedClient> EnrolAsync(
        KmsHost host, string userUri = Alice, string clientId = Phone, KeyWrapProfile? profile = null)
    {
        await KeysOf(host).EnrolAsync(
            Officer, new TransportKeyEnrolment(KmsHost.KmsUri, userUri, clientId) { WrapProfile = profile }, "c", Token);
        using TransportKeyFile file = await KeysOf(host).ExportAsync(
            Officer, KmsHost.KmsUri, userUri, clientId, host.Address.ToString(), "c", Token);
        return new ProtectedClient(host, file);
    }

    private static byte[] Changed(string document, string what, string by)
    {
        document.ShouldContain(what);
        return Encoding.UTF8.GetBytes(document.Replace(what, by, StringComparison.Ordinal));
    }

    private static byte[] Unsigned(string document) => Encoding.UTF8.GetBytes(Between(document, "<KmsRequest", "</KmsRequest>"));

    private static string Between(string document, string begin, string end) => document[
        document.IndexOf(begin, StringComparison.Ordinal)..(document.IndexOf(end, StringComparison.Ordinal) + end.Length)];

    private static bool Holds(byte[] content, byte[] octets) => content.AsSpan().IndexOf(octets) >= 0;

    private static byte[] Hex(byte[] octets) => Encoding.ASCII.GetBytes(Convert.ToHexString(octets));
}
