using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Watchword.Client;
using Watchword.Cryptography;
using Watchword.KeyManagement;

namespace Watchword.Cli.Tests;

/// <summary>
/// A security domain with real master keys behind an HTTP handler: the scripts need profiles with key sets that hold, and the
/// only way
/// into a key store is the client itself. Servers are tested with the command in Watchword.System.Tests.
/// </summary>
internal sealed class Domain : HttpMessageHandler
{
    public const string Issuer = "https://idm.example.org";
    public const string KmsUri = "kms.example.org";

    private static readonly Lazy<(EccsiMasterKey Signing, SakkeMasterKey Receiving)> MasterKeys = new(
        () => (EccsiMasterKey.Generate(), SakkeMasterKey.Generate()));

    private readonly TimeProvider clock;
    private readonly KmsCertificate certificate;

    private Domain(TimeProvider clock)
    {
        this.clock = clock;
        certificate = new KmsCertificate
        {
            Role = KmsCertificateRole.Root,
            KmsUri = KmsUri,
            Schedule = new KeyPeriodSchedule(2_592_000, 0),
            PublicAuthenticationKey = MasterKeys.Value.Signing.PublicKey,
            PublicEncryptionKey = MasterKeys.Value.Receiving.PublicKey,
        };
    }

    /// <summary>
    /// Makes a profile as a log-in and `keys get` would, for an entity with this URI; its key file is beside the profile.
    /// </summary>
    public static async Task MakeProfileAsync(string home, string name, string uri, TimeProvider clock, bool withKeys)
    {
        string directory = Path.Combine(home, "profiles", name);
        string keyFile = Path.Combine(home, name + ".key");
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        KeyStoreUnlock.CreateKeyFile(keyFile);
        using KeyStoreUnlock unlock = KeyStoreUnlock.FromKeyFile(keyFile);
        using KeyStore store = await KeyStore.CreateAsync(directory, unlock, clock);
        using Domain domain = new(clock);
        using IdmClient idm = new(new IdmClientOptions { Issuer = Issuer, ClientId = name }, domain, clock);
        using EntityCredential credential = EntityCredential.FromFile(name, PrivateKey(home, name));
        TokenCache tokens = new(idm, store, credential);
        await tokens.LogInEntityAsync(uri);
        if (withKeys)
        {
            using KmClient client = new(
                new KmClientOptions { KmsUrl = "https://kms.example.org", KmsUri = KmsUri }, domain, tokens, clock);
            await client.ProvisionAsync();
        }

        string settings = Path.Combine(directory, "profile.json");
        await File.WriteAllTextAsync(
            settings, $$"""{ "idm": "{{Issuer}}", "clientId": "{{name}}", "keyFile": {{JsonSerializer.Serialize(keyFile)}} }""");
        File.SetUnixFileMode(settings, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string path = request.RequestUri!.AbsolutePath;
        if (path == "/.well-known/openid-configuration")
        {
            return Json(
                $$"""
                {
                  "issuer": "{{Issuer}}",
                  "authorization_endpoint": "{{Issuer}}/authorize",
                  "token_endpoint": "{{Issuer}}/token",
                  "jwks_uri": "{{Issuer}}/jwks"
                }
                """);
        }

        if (path == "/token")
        {
            return Json("""{"access_token":"opaque","token_type":"Bearer","expires_in":600}""");
        }

        AnnexDPaths.TryParse(path, out AnnexDTarget? target).ShouldBeTrue();
        string user = KmsRequest.Parse(await request.Content!.ReadAsByteArrayAsync(cancellationToken)).UserUri;
        return Answer(request.RequestUri.AbsoluteUri, user, target!);
    }

    private HttpResponseMessage Answer(string url, string user, AnnexDTarget target)
    {
        KmsMessage message = target.Operation == AnnexDOperation.Init ? new KmsInit(certificate) : new KmsKeyProv([Issue(user)]);
        using KmsResponse response = new()
        {
            UserUri = user,
            KmsUri = KmsUri,
            Time = clock.GetUtcNow(),
            ClientReqUrl = url,
            Message = message,
        };
        using MemoryStream stream = new();
        response.WriteTo(stream);
        return new HttpResponseMessage(HttpStatusCode.OK)
        {
            Content = new ByteArrayContent(stream.ToArray())
            {
                Headers = { ContentType = new MediaTypeHeaderValue("application/xml") },
            },
        };
    }

    private KmsKeySet Issue(string user)
    {
        long period = certificate.PeriodAt(clock.GetUtcNow()).Number;
        UserId uid = certificate.UserIdFor(user, period);
        using EccsiSigningKey signing = MasterKeys.Value.Signing.IssueSigningKey(uid.Octets);
        using SakkeReceiverKey receiver = MasterKeys.Value.Receiving.IssueReceiverKey(uid.Octets);
        return KmsKeySet.Create(certificate, user, period, signing, receiver);
    }

    private static string PrivateKey(string home, string name)
    {
        string path = Path.Combine(home, name + ".pem");
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(path, key.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    private static HttpResponseMessage Json(string text) =>
        new(HttpStatusCode.OK) { Content = new StringContent(text, Encoding.UTF8, "application/json") };
}
