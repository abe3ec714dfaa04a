using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Watchword.Client;
using Watchword.Cryptography;
using Watchword.HttpProxy;
using Watchword.KeyManagement;
using Watchword.Kms;
using Watchword.Lab;

namespace Watchword.SystemTests;

/// <summary>
/// A real client, a real proxy and a real KMS: everything that passes in clear within the proxy is recorded, both ways. With
/// transport keys no key is in it (TS 33.180 D.1); without, all of them are, so that the search is known to find them.
/// </summary>
public sealed class HttpProxyTests(LabFixture lab)
{
    private const string Device = "radio-behind-proxy";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_transport_keys_no_key_material_passes_the_proxy_in_clear()
    {
        string scratch = TemporaryDirectory.Create();
        try
        {
            await using Recorder proxy = await Recorder.StartAsync(lab);
            using Ue pilot = await Ue.CreateAsync(lab, LabDomain.Pilot, scratch, proxy.Url);
            byte[][] transportKeys = await EnrolAsync(pilot.Store);
            _ = await pilot.Kms.InitializeAsync(Cancel);
            KeySetInfo keySet = (await pilot.Kms.ProvisionAsync(cancellationToken: Cancel)).ShouldHaveSingleItem();
            byte[][] keys = SecretsOf(pilot.Store, keySet);

            proxy.Requests.ShouldBe(2);
            string seen = proxy.Text;
            // It was this conversation, with what the proxy may see in it: token, identity, wrapped keys.
            seen.ShouldContain("SignedKmsRequest");
            seen.ShouldContain("SignedKmsResponse");
            seen.ShouldContain("EncryptedKey");
            seen.ShouldContain("Bearer ");
            seen.ShouldContain(lab.Description.Users[LabDomain.Pilot].McpttId!);
            foreach (byte[] secret in transportKeys.Concat(keys))
            {
                proxy.Has(secret).ShouldBeFalse();
            }
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    [Fact]
    public async Task Without_transport_keys_the_proxy_sees_the_keys()
    {
        string scratch = TemporaryDirectory.Create();
        try
        {
            await using Recorder proxy = await Recorder.StartAsync(lab);
            using Ue medic = await Ue.CreateAsync(lab, LabDomain.Medic, scratch, proxy.Url);
            _ = await medic.Kms.InitializeAsync(Cancel);
            KeySetInfo keySet = (await medic.Kms.ProvisionAsync(cancellationToken: Cancel)).ShouldHaveSingleItem();
            byte[][] keys = SecretsOf(medic.Store, keySet);
            proxy.Requests.ShouldBe(2);
            keys.Length.ShouldBe(2);
            keys.ShouldAllBe(secret => proxy.Has(secret));
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    /// <summary>A transport key and an integrity key for the radio of pilot, who imports them.</summary>
    private async Task<byte[][]> EnrolAsync(KeyStore store)
    {
        TransportKeyDirectory keys = lab.Servers.Kms.Services.GetRequiredService<TransportKeyDirectory>();
        string pilotUri = lab.Description.Users[LabDomain.Pilot].McpttId!;
        await keys.EnrolAsync(
            Lab.Walk.LabOfficers.First, new TransportKeyEnrolment(lab.Description.KmsUri, pilotUri, Device) { Replace = true },
            Lab.Walk.LabOfficers.CorrelationId, Cancel);
        using TransportKeyFile file = await keys.ExportAsync(
            Lab.Walk.LabOfficers.First, lab.Description.KmsUri, pilotUri, Device, lab.Servers.Ports.KmsUrl,
            Lab.Walk.LabOfficers.CorrelationId, Cancel);
        store.ImportTransportKeys(file);
        return TransportSecrets(file);
    }

    private static byte[][] TransportSecrets(TransportKeyFile file)
    {
        byte[] transport = new byte[TransportKey.SizeInBytes];
        byte[] integrity = new byte[IntegrityKey.SizeInBytes];
        file.TransportKey.Export(transport);
        file.IntegrityKey.Export(integrity);
        return [transport, integrity];
    }

    /// <summary>SSK and RSK as the client keeps them.</summary>
    private static byte[][] SecretsOf(KeyStore store, KeySetInfo keySet)
    {
        byte[] signing = new byte[EccsiSigningKey.SecretSizeInBytes];
        byte[] token = new byte[EccsiSigningKey.PublicTokenSizeInBytes];
        byte[] receiver = new byte[SakkeReceiverKey.SizeInBytes];
        store.ExportKeys(keySet, signing, token, receiver);
        return [signing, receiver];
    }

    /// <summary>A user who logs in at the IdM server directly, and asks the KMS through the proxy.</summary>
    private sealed class Ue : IDisposable
    {
        private readonly TlsTrust _trust;
        private readonly SocketsHttpHandler _direct;
        private readonly IdmClient _idm;

        private Ue(LabFixture lab, KeyStore store, string proxy)
        {
            Store = store;
            _trust = TlsTrust.FromCaFile(lab.Servers.CaFile);
            _direct = _trust.CreateHandler();
            _idm = new IdmClient(
                new IdmClientOptions { Issuer = lab.Description.Idm, ClientId = lab.Description.ClientId }, _direct, TimeProvider.System);
            Tokens = new TokenCache(_idm, store);
            Kms = new KmClient(
                new KmClientOptions { KmsUrl = lab.Description.Kms, HttpProxy = new HomeHttpProxy { Url = proxy } }, _trust, Tokens,
                TimeProvider.System);
        }

        public KeyStore Store { get; }

        public KmClient Kms { get; }

        private TokenCache Tokens { get; }

        public static async Task<Ue> CreateAsync(LabFixture lab, string name, string directory, string proxy)
        {
            string keyFile = Path.Combine(directory, "store.key");
            KeyStoreUnlock.CreateKeyFile(keyFile);
            using KeyStoreUnlock unlock = KeyStoreUnlock.FromKeyFile(keyFile);
            Ue ue = new(
                lab, await KeyStore.CreateAsync(Path.Combine(directory, "store"), unlock, TimeProvider.System, cancellationToken: Cancel), proxy);
            using LogInCredential credential = new(name, lab.Description.Users[name].Password);
            await ue.Tokens.LogInAsync(new FormWalkingBrowser(ue._direct, credential), Cancel);
            return ue;
        }

        public void Dispose()
        {
            Kms.Dispose();
            _idm.Dispose();
            _direct.Dispose();
            _trust.Dispose();
            Store.Dispose();
        }
    }

    /// <summary>The proxy in front of the lab's KMS, with a step that keeps everything that passes it in clear.</summary>
    private sealed class Recorder : IAsyncDisposable
    {
        private readonly WebApplication _application;
        private readonly ConcurrentQueue<byte[]> _passed;

        private Recorder(WebApplication application, ConcurrentQueue<byte[]> passed)
        {
            _application = application;
            _passed = passed;
        }

        public string Url => _application.Urls.Single().Replace("127.0.0.1", "localhost", StringComparison.Ordinal);

        /// <summary>Two records are one request and its answer.</summary>
        public int Requests => _passed.Count / 2;

        public string Text => Encoding.UTF8.GetString(All);

        private byte[] All => [.. _passed.SelectMany(octets => octets)];

        public static async Task<Recorder> StartAsync(LabFixture lab)
        {
            ConcurrentQueue<byte[]> passed = new();
            string directory = lab.Directories.Root;
            Dictionary<string, string?> settings = new(StringComparer.Ordinal)
            {
                ["Lab:Enabled"] = "true",
                ["Proxy:Listen:0"] = "https://127.0.0.1:0",
                ["Proxy:Tls:CertificateFile"] = Path.Combine(directory, "server.pem"),
                ["Proxy:Tls:KeyFile"] = Path.Combine(directory, "server.key"),
                ["Proxy:PublicUrls:0"] = lab.Description.Kms,
                ["Proxy:IdmUrls:0"] = lab.Description.Idm,
                ["Proxy:Servers:0:Name"] = "kms",
                ["Proxy:Servers:0:PathPrefixes:0"] = AnnexDPaths.Root,
                ["Proxy:Servers:0:Destinations:0"] = lab.Description.Kms,
                ["Proxy:Servers:0:Trust:CaFile"] = lab.Servers.CaFile,
            };
            WebApplication application = ProxyApplication.Create(
                [],
                builder =>
                {
                    builder.Configuration.AddInMemoryCollection(settings);
                    builder.Logging.ClearProviders();
                },
                pipeline => pipeline.Use((context, next) => RecordAsync(context, next, passed)));
            await application.StartAsync(Cancel);
            return new Recorder(application, passed);
        }

        /// <summary>True if the octets occur as they are, in hexadecimal digits of either case or in base64 at any offset.</summary>
        public bool Has(byte[] secret)
        {
            byte[] all = All;
            string text = Encoding.Latin1.GetString(all);
            return all.AsSpan().IndexOf(secret) >= 0
                || text.Contains(Convert.ToHexString(secret), StringComparison.OrdinalIgnoreCase)
                || Enumerable.Range(0, 3).Any(offset => HasBase64(text, secret, offset));
        }

        public async ValueTask DisposeAsync()
        {
            await _application.StopAsync(CancellationToken.None);
            await _application.DisposeAsync();
        }

        /// <summary>The characters that depend on the secret alone, when it begins behind so many octets of a group of three.</summary>
        private static bool HasBase64(string text, byte[] secret, int offset)
        {
            string coded = Convert.ToBase64String([.. new byte[offset], .. secret]);
            int first = offset == 0 ? 0 : 4;
            string own = coded[first..((offset + secret.Length) / 3 * 4)];
            return text.Contains(own, StringComparison.Ordinal)
                || text.Contains(own.Replace('+', '-').Replace('/', '_'), StringComparison.Ordinal);
        }

        private static async Task RecordAsync(HttpContext context, RequestDelegate next, ConcurrentQueue<byte[]> passed)
        {
            using MemoryStream request = new();
            await context.Request.Body.CopyToAsync(request, context.RequestAborted);
            request.Position = 0;
            context.Request.Body = request;
            context.Request.ContentLength = request.Length;
            context.Request.Headers.Remove("Transfer-Encoding");
            Stream answer = context.Response.Body;
            using MemoryStream copy = new();
            context.Response.Body = copy;
            passed.Enqueue([
                .. Encoding.UTF8.GetBytes(
                    $"{context.Request.Path}{context.Request.QueryString}\n{Lines(context.Request.Headers)}\n"), .. request.ToArray()]);
            await next(context);
            passed.Enqueue([.. Encoding.UTF8.GetBytes(Lines(context.Response.Headers) + "\n"), .. copy.ToArray()]);
            context.Response.Body = answer;
            await answer.WriteAsync(copy.ToArray(), context.RequestAborted);
        }

        private static string Lines(IHeaderDictionary headers) => string.Join('\n', headers.Select(header => $"{header.Key}: {header.Value}"));
    }
}
