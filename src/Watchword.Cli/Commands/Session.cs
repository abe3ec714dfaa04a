using System.Security.Cryptography.X509Certificates;
using Watchword.Cli.Commands.Login;
using Watchword.Cli.Profiles;
using Watchword.Client;

namespace Watchword.Cli.Commands;

/// <summary>An opened profile: its settings, whom it trusts, and its unlocked key store.</summary>
internal sealed class Session : IDisposable
{
    private readonly TimeProvider clock;
    private TlsTrust? trust;
    private IdmClient? idm;
    private EntityCredential? credential;
    private X509Certificate2? certificate;

    private Session(ProfileLocation location, ProfileSettings settings, KeyStore store, TimeProvider clock)
    {
        Location = location;
        Settings = settings;
        Store = store;
        this.clock = clock;
    }

    /// <summary>Where the profile is.</summary>
    public ProfileLocation Location { get; }

    /// <summary>Its servers.</summary>
    public ProfileSettings Settings { get; private set; }

    /// <summary>The unlocked key store.</summary>
    public KeyStore Store { get; }

    /// <summary>Whom the profile trusts; the CA file is read on first use, so that nothing local depends on it.</summary>
    public TlsTrust Trust => trust ??= ConnectionOptions.Trust(Settings.Ca);

    /// <summary>The profile after a log-in, which has opened its key store.</summary>
    public static Session Of(ProfileBuilder profile, TimeProvider clock) =>
        new(profile.Location, profile.Settings, profile.Release(), clock);

    /// <summary>Opens the profile that the options name.</summary>
    public static async Task<Session> OpenAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        using KeyStoreUnlock unlock = Unlock(invocation);
        return await OpenAsync(invocation, unlock, cancellationToken);
    }

    /// <summary>What unlocks the profile, for a command that opens it again and again; the caller disposes it.</summary>
    public static KeyStoreUnlock Unlock(Invocation invocation)
    {
        (ProfileLocation location, ProfileSettings settings) = Find(invocation);
        return KeyStoreAccess.Existing(invocation, location, settings);
    }

    /// <summary>Opens the profile that the options name, which the caller has unlocked.</summary>
    public static async Task<Session> OpenAsync(Invocation invocation, KeyStoreUnlock unlock, CancellationToken cancellationToken)
    {
        (ProfileLocation location, ProfileSettings settings) = Find(invocation);
        KeyStore store = await KeyStore.OpenAsync(
            location.Directory, unlock, invocation.Io.Clock, cancellationToken: cancellationToken);
        return new Session(location, settings, store, invocation.Io.Clock);
    }

    private static (ProfileLocation Location, ProfileSettings Settings) Find(Invocation invocation)
    {
        ProfileLocation location = ProfileLocation.Find(invocation);
        ProfileSettings? settings = ProfileSettings.Read(location);
        if (settings is null || !KeyStore.Exists(location.Directory))
        {
            throw new CliException(ExitCode.NotLoggedIn, $"there is no profile {location.Name}")
            {
                Cause = $"nothing in {location.Directory}",
                Hint = "watchword login --idm URL, or name another profile with --profile",
            };
        }

        return (location, settings);
    }

    /// <summary>
    /// For the profile of a network entity: it has no refresh token and proves itself each time with its private key, which the
    /// key store does not keep.
    /// </summary>
    /// <param name="file">The PEM file of the key; null for a user's profile.</param>
    /// <exception cref="CliException">The profile is an entity's and no file is given, or the other way round.</exception>
    public void UseEntityCredential(string? file)
    {
        if (Store.Identity is { EntityUri: { } uri } entity)
        {
            credential = file is null
                ? throw new CliException(
                    ExitCode.NotLoggedIn, $"this profile is of the network entity {uri}, which has no log-in to go on with")
                {
                    Hint = "give the file of its private key: --credential FILE",
                }
                : EntityCredential.FromFile(entity.ClientId, file);
        }
        else if (file is not null)
        {
            throw new CliException(ExitCode.Usage, "--credential is for the profile of a network entity");
        }
    }

    /// <summary>The tokens of the profile.</summary>
    public TokenCache Tokens
    {
        get
        {
            idm ??= new IdmClient(
                new IdmClientOptions { Issuer = Settings.Idm, ClientId = credential?.ClientId ?? Settings.ClientId }, Trust, clock);
            return credential is null ? new TokenCache(idm, Store) : new TokenCache(idm, Store, credential);
        }
    }

    /// <summary>An access token of another domain, kept in this profile under the issuer there.</summary>
    public async Task<AccessToken> GetPartnerTokenAsync(
        string issuer, string resource, AccessTokenTarget target, CancellationToken cancellationToken)
    {
        using IdmClient partner = new(new IdmClientOptions { Issuer = issuer, ClientId = Settings.ClientId }, Trust, clock);
        return await new TokenCache(Tokens, new PartnerDomain(partner, resource), Store).GetAccessTokenAsync(target, cancellationToken);
    }

    /// <summary>The KM client of the profile, which the caller disposes; fails if the URL of the KMS is not known.</summary>
    public KmClient CreateKmClient() => new(
        new KmClientOptions
        {
            KmsUrl = RequireKms(),
            HttpProxy = HttpProxy,
        },
        Trust,
        Tokens,
        clock);

    /// <summary>The home HTTP proxy, to which the UE shows its certificate if it has one; null for none.</summary>
    public HomeHttpProxy? HttpProxy =>
        Settings.HttpProxy is { } proxy ? new HomeHttpProxy { Url = proxy, ClientCertificate = Certificate } : null;

    /// <summary>The UE's own certificate with its key; null if the profile has none. The session disposes it.</summary>
    public X509Certificate2? Certificate =>
        certificate ??= Settings is { TlsCertificate: { } file, TlsKey: { } key } ? TlsFiles.Read(file, key) : null;

    /// <summary>The URL of the KMS; fails if it is not known.</summary>
    public string RequireKms() => Settings.Kms
        ?? throw new CliException(ExitCode.Usage, "this profile does not know the URL of its KMS")
        {
            Hint = "watchword kms init --kms URL",
        };

    /// <summary>The same profile with the URL of the KMS, written down.</summary>
    public void RememberKms(string url)
    {
        Settings = Settings with { Kms = url };
        Settings.Write(Location);
    }

    /// <summary>The same profile with the home HTTP proxy, or without one, written down.</summary>
    public void RememberHttpProxy(string option)
    {
        Settings = Settings with { HttpProxy = ConnectionOptions.HttpProxyOf(option) };
        Settings.Write(Location);
    }

    /// <summary>The same profile with the UE's own certificate, written down; it is read first.</summary>
    public void RememberCertificate(string file, string key)
    {
        certificate?.Dispose();
        certificate = TlsFiles.Read(file, key);
        Settings = Settings with { TlsCertificate = Path.GetFullPath(file), TlsKey = Path.GetFullPath(key) };
        Settings.Write(Location);
    }

    /// <summary>The same profile with the URL of the admin API, written down.</summary>
    public void RememberKmsAdmin(string url)
    {
        Settings = Settings with { KmsAdmin = url };
        Settings.Write(Location);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Store.Dispose();
        idm?.Dispose();
        credential?.Dispose();
        certificate?.Dispose();
        trust?.Dispose();
    }
}
