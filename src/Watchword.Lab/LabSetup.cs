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

/// <summary>Makes the lab's domain on the first start and leaves it alone on every other.</summary>
internal sealed class LabSetup(LabDirectories directories, LabCertificateAuthority ca, TimeProvider time)
{
    /// <summary>Finds the domain or makes it, and writes <c>lab.json</c> with the ports of this start.</summary>
    public async Task<LabDescription> PrepareAsync(LabPorts ports, LabDescription? before, CancellationToken cancellation)
    {
        LabDescription description;
        if (before is null)
        {
            description = await CreateOrCleanUpAsync(ports, cancellation);
        }
        else
        {
            if (before.PartnerKmsUri.Length == 0 || before.KmsAdmin.Length == 0)
            {
                throw new LabException(
                    $"{directories.Root} is of an earlier version of the lab, which had no second security domain or no admin API: remove it, or choose another --data");
            }

            description = before with
            {
                Idm = ports.IdmUrl, Kms = ports.KmsUrl, PartnerKms = ports.PartnerKmsUrl,
                KmsAdmin = ports.KmsAdminUrl, Ca = ca.CaFile, Configuration = ports.ConfigurationRoot, SipCore = ports.SipCoreAddress,
            };
        }

        description.Write(directories.Description);
        return description;
    }

    /// <summary>A domain that was made only half is of no use to anyone: it goes again.</summary>
    private async Task<LabDescription> CreateOrCleanUpAsync(LabPorts ports, CancellationToken cancellation)
    {
        if (Directory.Exists(directories.Kms) || Directory.Exists(directories.Idm))
        {
            throw new LabException($"{directories.Root} holds server data but no lab.json: choose another --data");
        }

        try
        {
            return await CreateAsync(ports, cancellation);
        }
        catch
        {
            foreach (string made in (string[])[directories.Kms, directories.Idm, directories.Keys, directories.Passwords])
            {
                if (Directory.Exists(made))
                {
                    Directory.Delete(made, recursive: true);
                }
            }

            throw;
        }
    }

    private async Task<LabDescription> CreateAsync(LabPorts ports, CancellationToken cancellation)
    {
        LabFiles.CreateDirectory(directories.Keys);
        await CreateDomainAsync(LabDomain.KmsUri, LabDomain.IdentityDomain, isFirst: true, cancellation);
        await CreateDomainAsync(LabDomain.PartnerKmsUri, LabDomain.PartnerIdentityDomain, isFirst: false, cancellation);
        IReadOnlyDictionary<string, LabUser> users = LabDomain.NewUsers();
        Dictionary<string, LabEntity> entities = new(StringComparer.Ordinal);
        await using WebApplication idm = LabServers.CreateIdm(directories, ports, ca, time);
        _ = await IdmInitialization.RunAsync(idm, cancellation);
        await using AsyncServiceScope scope = idm.Services.CreateAsyncScope();
        foreach ((string name, string uri) in LabDomain.Entities)
        {
            await scope.ServiceProvider.GetRequiredService<ClientDirectory>().CreateAsync(NewEntity(name, uri), cancellation);
            entities[name] = new LabEntity(uri, name, directories.EntityKey(name));
        }

        AccountDirectory accounts = scope.ServiceProvider.GetRequiredService<AccountDirectory>();
        LabFiles.CreateDirectory(directories.Passwords);
        foreach ((string name, LabUser user) in users)
        {
            LabFiles.WriteSecret(directories.Password(name), user.Password + "\n");
            await accounts.CreateAsync(NewAccount(name, user), cancellation);
            if (user.KmsRole is { } role)
            {
                await accounts.GrantKmsRoleAsync(name, role, cancellation);
            }
        }

        return new LabDescription
        {
            Idm = ports.IdmUrl,
            Kms = ports.KmsUrl,
            Ca = ca.CaFile,
            KmsUri = LabDomain.KmsUri,
            PartnerKms = ports.PartnerKmsUrl,
            PartnerKmsUri = LabDomain.PartnerKmsUri,
            KmsAdmin = ports.KmsAdminUrl,
            Configuration = ports.ConfigurationRoot,
            SipCore = ports.SipCoreAddress,
            ClientId = LabDomain.ClientId,
            RedirectUris = [LabDomain.RedirectUri],
            Users = users,
            Entities = entities,
        };
    }

    private Task<DomainRecord> CreateDomainAsync(string kmsUri, string identityDomain, bool isFirst, CancellationToken cancellation) =>
        KmsInitialization.CreateDomainAsync(
            new KmsInitializationOptions
            {
                DataDirectory = directories.Kms,
                KmsUri = kmsUri,
                KeyEncryptionKeyFile = directories.KmsKeyEncryptionKey,
                CreateKeyEncryptionKey = isFirst,
                AddToInstallation = !isFirst,
                CertUri = "cert1." + kmsUri,
                Issuer = "Watchword lab",
                Domains = [identityDomain],
                IsLabData = true,
            },
            time,
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
        LabFiles.WriteSecret(directories.EntityKey(name), key.ExportPkcs8PrivateKeyPem());
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
