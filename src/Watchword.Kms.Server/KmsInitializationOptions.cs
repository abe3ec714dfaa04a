using System.Globalization;
using Watchword.Hosting;
using Watchword.KeyManagement;
using Watchword.Kms.Server.Commands;
using Watchword.Kms.Server.Configuration;

namespace Watchword.Kms.Server;

/// <summary>What <c>init-domain</c> needs to know.</summary>
public sealed class KmsInitializationOptions
{
    /// <summary>30 days.</summary>
    public const long DefaultPeriodSeconds = 2_592_000;

    /// <summary>Where the KMS keeps its database and custody files; made if it does not exist.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The KMS URI of the domain. It enters every UID and never changes.</summary>
    public required string KmsUri { get; init; }

    /// <summary>File with the key-encryption key; this or <see cref="PassphraseFile"/>.</summary>
    public string? KeyEncryptionKeyFile { get; init; }

    /// <summary>File with the passphrase.</summary>
    public string? PassphraseFile { get; init; }

    /// <summary>The whole of <c>Kms:Custody</c>, for tokens and shares; takes the place of the two files.</summary>
    public CustodyOptions? Custody { get; init; }

    /// <summary>Makes <see cref="KeyEncryptionKeyFile"/> with a random key if it does not exist.</summary>
    public bool CreateKeyEncryptionKey { get; init; }

    /// <summary>Adds one more domain to a data directory that has some; without, that is refused.</summary>
    public bool AddToInstallation { get; init; }

    /// <summary>Length of a key period in seconds.</summary>
    public long PeriodSeconds { get; init; } = DefaultPeriodSeconds;

    /// <summary>Offset of the key periods in seconds, less than the period.</summary>
    public long OffsetSeconds { get; init; }

    /// <summary>Names the KMS certificate.</summary>
    public string? CertUri { get; init; }

    /// <summary>Free text naming the issuer.</summary>
    public string? Issuer { get; init; }

    /// <summary>The domains served.</summary>
    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary>The database; by default a file in the data directory.</summary>
    public DatabaseOptions Store { get; init; } = new();

    /// <summary>Who creates it, for the audit log.</summary>
    public Authority Operator { get; init; } = Authority.Console;

    /// <summary>Marks the data as the lab's: a production start refuses it.</summary>
    public bool IsLabData { get; init; }

    /// <summary>Reads the command line of the verb; what it lacks comes from the same configuration that the server
    /// reads.</summary>
    public static KmsInitializationOptions Read(string[] args)
    {
        IConfiguration configuration = Configuration(args);
        return new KmsInitializationOptions
        {
            DataDirectory = configuration["Kms:DataDirectory"] ?? string.Empty,
            KmsUri = configuration["InitDomain:KmsUri"] ?? string.Empty,
            Store = StoreSettings.Bind(configuration),
            KeyEncryptionKeyFile = configuration["Kms:Custody:KeyEncryptionKeyFile"],
            PassphraseFile = configuration["Kms:Custody:PassphraseFile"],
            Custody = CommandLine.ReadCustody(configuration),
            CreateKeyEncryptionKey = configuration["InitDomain:CreateKek"] is "true",
            Operator = CommandLine.OperatorOf(configuration["InitDomain:Operator"]),
            AddToInstallation = configuration["InitDomain:Add"] is "true",
            PeriodSeconds = Seconds(configuration, "InitDomain:PeriodSeconds", DefaultPeriodSeconds),
            OffsetSeconds = Seconds(configuration, "InitDomain:OffsetSeconds", 0),
            CertUri = configuration["InitDomain:CertUri"],
            Issuer = configuration["InitDomain:Issuer"],
            Domains = configuration["InitDomain:Domains"]?.Split(
                ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [],
        };
    }

    internal static IConfiguration Configuration(string[] args) => new ConfigurationBuilder()
        .AddJsonFile(Path.GetFullPath("appsettings.json"), optional: true)
        .AddEnvironmentVariables()
        .AddCommandLine(args, new Dictionary<string, string>
        {
            ["--data"] = "Kms:DataDirectory",
            ["--kek-file"] = "Kms:Custody:KeyEncryptionKeyFile",
            ["--passphrase-file"] = "Kms:Custody:PassphraseFile",
            ["--create-kek"] = "InitDomain:CreateKek",
            ["--operator"] = "InitDomain:Operator",
            ["--add"] = "InitDomain:Add",
            ["--kms-uri"] = "InitDomain:KmsUri",
            ["--period-seconds"] = "InitDomain:PeriodSeconds",
            ["--offset-seconds"] = "InitDomain:OffsetSeconds",
            ["--cert-uri"] = "InitDomain:CertUri",
            ["--issuer"] = "InitDomain:Issuer",
            ["--domains"] = "InitDomain:Domains",
        })
        .Build();

    internal CustodyOptions EffectiveCustody => Custody ?? new CustodyOptions
    {
        KeyEncryptionKeyFile = KeyEncryptionKeyFile,
        PassphraseFile = PassphraseFile,
    };

    /// <summary>Checks everything before anything is made.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.ConfigurationInvalid"/> with every fault.</exception>
    internal DomainDescription Validate()
    {
        ConfigurationFaults faults = new();
        if (DataDirectory.Length == 0)
        {
            faults.Add("Kms:DataDirectory", "is missing", "name it by --data");
        }

        EffectiveCustody.Check("Kms:Custody", faults);
        DomainDescription? description = null;
        try
        {
            description = new DomainDescription(KmsUri, new KeyPeriodSchedule(PeriodSeconds, OffsetSeconds))
            {
                CertUri = CertUri,
                Issuer = Issuer,
                Domains = Domains,
                CreatedBy = Operator,
                IsLabData = IsLabData,
            };
        }
        catch (ArgumentException fault)
        {
            faults.Add("InitDomain", $"describes no domain ({fault.Message})",
                "mend the KMS URI (--kms-uri) or the key period (--period-seconds, --offset-seconds)");
        }

        return faults.Any ? throw new KmsException(KmsError.ConfigurationInvalid, faults.Describe()) : description!;
    }

    private static long Seconds(IConfiguration configuration, string key, long otherwise) => configuration[key] is not { } text
        ? otherwise
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
            ? seconds
            : throw new KmsException(KmsError.ConfigurationInvalid, $"{key} is not a number of seconds");
}
