using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Watchword.Identity;
using Watchword.Identity.Administration;
using Watchword.Idm.Server;
using Watchword.Idm.Server.Accounts;
using Watchword.Idm.Server.Clients;
using Watchword.Kms;
using Watchword.Kms.Server;

namespace Watchword.Lab;

/// <summary>Makes one domain of the lab, with nothing running: its KMS's security domains, its network entities and accounts.</summary>
internal sealed class LabDomainSetup(LabSite site)
{
    private readonly LabDirectories _directories = site.Directories;

    /// <summary>Makes it all: security domains, entities, accounts.</summary>
    public async Task<LabDescription> CreateAsync(CancellationToken cancellation)
    {
        LabFiles.CreateDirectory(_directories.Root);
        LabFiles.CreateDirectory(_directories.Keys);
        foreach ((int index, LabSecurityDomain domain) in site.Names.SecurityDomains.Index())
        {
            await CreateDomainAsync(domain, isFirst: index == 0, cancellation);
        }

        IReadOnlyDictionary<string, LabUser> users = site.Names.NewUsers();
        Dictionary<string, LabEntity> entities = new(StringComparer.Ordinal);
        // Without other domains: of their keys nothing is known yet.
        await using WebApplication idm = LabServers.CreateIdm(site with { Primaries = [] });
        _ = await IdmInitialization.RunAsync(idm, cancellation);
        await using AsyncServiceScope scope = idm.Services.CreateAsyncScope();
        foreach ((string name, string uri) in site.Names.Entities)
        {
            await scope.ServiceProvider.GetRequiredService<ClientDirectory>().CreateAsync(NewEntity(name, uri), cancellation);
            entities[name] = new LabEntity(uri, name, _directories.EntityKey(name));
        }

        AccountDirectory accounts = scope.ServiceProvider.GetRequiredService<AccountDirectory>();
        LabFiles.CreateDirectory(_directories.Passwords);
        foreach ((string name, LabUser user) in users)
        {
            LabFiles.WriteSecret(_directories.Password(name), user.Password + "\n");
            await accounts.CreateAsync(NewAccount(name, user), cancellation);
            if (user.KmsRole is { } role)
            {
                await accounts.GrantKmsRoleAsync(name, role, cancellation);
            }
        }

        return new LabDescription
        {
            Idm = site.Ports.IdmUrl,
            Kms = site.Ports.KmsUrl,
            Ca = site.Ca.CaFile,
            KmsUri = site.Names.KmsUri,
            KmsAdmin = site.Ports.KmsAdminUrl,
            Configuration = site.Ports.ConfigurationRoot,
            SipCore = site.Ports.SipCoreAddress,
            ClientId = LabDomain.ClientId,
            RedirectUris = [LabDomain.RedirectUri],
            Users = users,
            Entities = entities,
        };
    }

    private Task<DomainRecord> CreateDomainAsync(LabSecurityDomain domain, bool isFirst, CancellationToken cancellation) =>
        KmsInitialization.CreateDomainAsync(
            new KmsInitializationOptions
            {
                DataDirectory = _directories.Kms,
                KmsUri = domain.KmsUri,
                KeyEncryptionKeyFile = _directories.KmsKeyEncryptionKey,
                CreateKeyEncryptionKey = isFirst,
                AddToInstallation = !isFirst,
                CertUri = "cert1." + domain.KmsUri,
                Issuer = "Watchword lab",
                Domains = [domain.IdentityDomain],
                IsLabData = true,
            },
            site.Time,
            cancellation);

    private static NewAccount NewAccount(string name, LabUser user) => new()
    {
        UserName = name,
        Password = user.Password,
        McpttId = user.McpttId,
        McvideoId = user.McvideoId,
        McdataId = user.McdataId,
        Administrator = name == LabDomain.Administrator,
    };

    /// <summary>A network entity with a key of its own: the IdM server is told the public half.</summary>
    private NewClient NewEntity(string name, string uri)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        LabFiles.WriteSecret(_directories.EntityKey(name), key.ExportPkcs8PrivateKeyPem());
        ECParameters publicKey = key.ExportParameters(includePrivateParameters: false);
        JsonElement jwks = JsonSerializer.SerializeToElement(
            new JsonWebKeySet([new PublicJsonWebKey(
                "EC", "P-256", "sig", "ES256", Base64Url.EncodeToString(publicKey.Q.X), Base64Url.EncodeToString(publicKey.Q.Y))]),
            JwkJson.Default.JsonWebKeySet);
        return new NewClient
        {
            ClientId = name,
            DisplayName = name,
            Kind = ClientKinds.Entity,
            EntityUri = uri,
            Jwks = jwks,
            Scopes = [.. AnnexB.Services.Select(service => McScopes.For(service, McResource.KeyManagement))],
        };
    }
}
