using Watchword.Client;
using Watchword.Hosting;
using Watchword.Identity;

namespace Watchword.ResourceServers.Keys;

/// <summary>One identity of the server, checked. Immutable.</summary>
internal sealed record EntityKeySettings
{
    private EntityKeySettings(EntityKeyOptions options)
    {
        Uri = options.Uri;
        Idm = options.Idm;
        ClientId = options.ClientId;
        CredentialFile = options.CredentialFile;
        Kms = options.Kms;
        KmsUri = options.KmsUri.Length == 0 ? null : options.KmsUri;
        CaFile = options.CaFile.Length == 0 ? null : options.CaFile;
        StoreDirectory = options.StoreDirectory;
        StoreKeyFile = options.StoreKeyFile;
        Lenient = options.Lenient;
    }

    public string Uri { get; }

    public string Idm { get; }

    public string ClientId { get; }

    public string CredentialFile { get; }

    public string Kms { get; }

    public string? KmsUri { get; }

    public string? CaFile { get; }

    public string StoreDirectory { get; }

    public string StoreKeyFile { get; }

    public bool Lenient { get; }

    /// <summary>Checks one identity; every fault is named.</summary>
    /// <param name="options">As the operator wrote it.</param>
    /// <param name="section">Where, such as <c>Services:Mcx:Identities:0</c>.</param>
    /// <param name="faults">Where findings go.</param>
    public static EntityKeySettings Check(EntityKeyOptions options, string section, ConfigurationFaults faults)
    {
        if (!McServiceId.IsValid(options.Uri))
        {
            faults.Add($"{section}:Uri", "is no sip: or tel: URI", "write the URI that the IdM server has for this server");
        }

        CheckUrl(options.Idm, $"{section}:Idm", faults);
        CheckUrl(options.Kms, $"{section}:Kms", faults);
        if (options.ClientId.Length == 0)
        {
            faults.Add($"{section}:ClientId", "is missing", "write the client_id under which the IdM server knows this server");
        }

        CheckSecret(options.CredentialFile, $"{section}:CredentialFile", faults, () =>
        {
            using EntityCredential credential = EntityCredential.FromFile("check", options.CredentialFile);
        });
        if (options.CaFile.Length > 0)
        {
            CheckLoads($"{section}:CaFile", faults, () =>
            {
                using TlsTrust trust = TlsTrust.FromCaFile(options.CaFile);
            });
        }

        CheckStore(options, section, faults);
        return new EntityKeySettings(options);
    }

    /// <summary>The type's name and nothing of an identity.</summary>
    public override string ToString() => nameof(EntityKeySettings);

    private static void CheckStore(EntityKeyOptions options, string section, ConfigurationFaults faults)
    {
        bool isFirst = options.StoreDirectory.Length > 0 && !KeyStore.Exists(options.StoreDirectory);
        if (options.StoreDirectory.Length == 0)
        {
            faults.Add($"{section}:StoreDirectory", "is missing", "name a directory of this identity alone");
        }

        if (options.StoreKeyFile.Length > 0 && isFirst && !File.Exists(options.StoreKeyFile))
        {
            faults.Note($"{section}:StoreKeyFile", "will be made at the first start, and is to be kept");
            return;
        }

        CheckSecret(options.StoreKeyFile, $"{section}:StoreKeyFile", faults, () =>
        {
            using KeyStoreUnlock unlock = KeyStoreUnlock.FromKeyFile(options.StoreKeyFile);
        });
    }

    private static void CheckUrl(string url, string option, ConfigurationFaults faults)
    {
        if (!System.Uri.TryCreate(url, UriKind.Absolute, out Uri? parsed) || parsed.Scheme != System.Uri.UriSchemeHttps)
        {
            faults.Add(option, "is no https URL", "keys and tokens go over TLS");
        }
    }

    private static void CheckSecret(string path, string option, ConfigurationFaults faults, Action load)
    {
        if (path.Length == 0)
        {
            faults.Add(option, "is missing", "name the file");
            return;
        }

        CheckLoads(option, faults, load);
    }

    private static void CheckLoads(string option, ConfigurationFaults faults, Action load)
    {
        try
        {
            load();
        }
        catch (WatchwordClientException e)
        {
            faults.Add(option, $"names a file that cannot be used: {e.Detail ?? e.Message}", e.NextStep);
        }
    }
}
