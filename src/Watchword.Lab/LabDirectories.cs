namespace Watchword.Lab;

/// <summary>Where things are in a lab's data directory.</summary>
internal sealed record LabDirectories(string Root)
{
    /// <summary>Data directory of the IdM server.</summary>
    public string Idm => Path.Combine(Root, "idm");

    /// <summary>Data directory of the KMS.</summary>
    public string Kms => Path.Combine(Root, "kms");

    /// <summary>Key-encryption keys and the private keys of network entities.</summary>
    public string Keys => Path.Combine(Root, "keys");

    /// <summary>Key-encryption key of the IdM server's signing keys.</summary>
    public string IdmKeyEncryptionKey => Path.Combine(Keys, "idm.kek");

    /// <summary>Key-encryption key of the KMS's master secrets.</summary>
    public string KmsKeyEncryptionKey => Path.Combine(Keys, "kms.kek");

    /// <summary>Data directory of the services.</summary>
    public string Services => Path.Combine(Root, "services");

    /// <summary>What seals CSKs in the database of the services.</summary>
    public string CskKey => Path.Combine(Keys, "csk.key");

    /// <summary>What opens the group management server's key store.</summary>
    public string GmsStoreKey => Path.Combine(Keys, "gms-store.key");

    /// <summary>What opens the MCX server's key store.</summary>
    public string McxStoreKey => Path.Combine(Keys, "mcx-store.key");

    /// <summary>Database of the KMS, which holds the audit chain.</summary>
    public string KmsDatabase => Path.Combine(Kms, "kms.db");

    /// <summary>Held while a lab runs on this data: two on the same would be two servers on one database.</summary>
    public string Lock => Path.Combine(Root, "lab.lock");

    /// <summary>The description for people and tools.</summary>
    public string Description => Path.Combine(Root, "lab.json");

    /// <summary>One file for each account with its password, to be piped into <c>watchword login --password-stdin</c>.</summary>
    public string Passwords => Path.Combine(Root, "passwords");

    /// <summary>Profiles of the <c>watchword</c> command when it is used as the lab shows it.</summary>
    public string Profiles => Path.Combine(Root, "profiles");

    /// <summary>Everything of the other complete domain.</summary>
    public LabDirectories Allied => new(Path.Combine(Root, "allied"));

    /// <summary>Public signing keys of the IdM server of the domain <paramref name="name"/>, whose users are guests here.</summary>
    public string PrimaryKeys(string name) => Path.Combine(Keys, name + "-idm.jwks");

    /// <summary>Password file of the account <paramref name="name"/>.</summary>
    public string Password(string name) => Path.Combine(Passwords, name);

    /// <summary>Private key of the network entity <paramref name="name"/>.</summary>
    public string EntityKey(string name) => Path.Combine(Keys, name + ".pem");
}
