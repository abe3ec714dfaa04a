using System.Globalization;
using Watchword.Hosting;
using Watchword.Kms.EntityFrameworkCore;
using Watchword.Kms.Server.Configuration;

namespace Watchword.Kms.Server.Commands;

/// <summary>The command line of the custody verbs over the configuration that the server reads.</summary>
internal sealed class CommandLine
{
    private static readonly HashSet<string> Flags = new(StringComparer.Ordinal)
    {
        "--dry-run", "--finish", "--remove", "--replace", "--verify", "--without-store",
    };

    private const int MaxOperatorLength = 64;

    private static readonly Dictionary<string, string> Switches = new()
    {
        ["--data"] = "Kms:DataDirectory",
        ["--kek-file"] = "Kms:Custody:KeyEncryptionKeyFile",
        ["--passphrase-file"] = "Kms:Custody:PassphraseFile",
        ["--old-kek-file"] = "Kms:Custody:Previous:KeyEncryptionKeyFile",
        ["--old-passphrase-file"] = "Kms:Custody:Previous:PassphraseFile",
        ["--threshold"] = "Verb:Threshold",
        ["--shares"] = "Verb:Shares",
        ["--share-files"] = "Verb:ShareFiles",
        ["--out"] = "Verb:Out",
        ["--to"] = "Verb:To",
        ["--from"] = "Verb:From",
        ["--key"] = "Verb:Key",
        ["--dry-run"] = "Verb:DryRun",
        ["--finish"] = "Verb:Finish",
        ["--reason"] = "Verb:Reason",
        ["--head"] = "Kms:Audit:HeadFile",
        ["--remove"] = "Verb:Remove",
        ["--operator"] = "Verb:Operator",
        ["--replace"] = "Verb:Replace",
        ["--verify"] = "Verb:Verify",
        ["--without-store"] = "Verb:WithoutStore",
    };

    private readonly IConfiguration _configuration;

    public CommandLine(string[] args) => _configuration = new ConfigurationBuilder()
        .AddJsonFile(Path.GetFullPath("appsettings.json"), optional: true)
        .AddEnvironmentVariables()
        .AddCommandLine([.. args.Select(argument => Flags.Contains(argument) ? argument + "=true" : argument)], Switches)
        .Build();

    public DataDirectory Data => new(Required("Kms:DataDirectory", "--data"));

    public StoreSettings Store => StoreSettings.Check(StoreSettings.Bind(_configuration), Data);

    /// <exception cref="KmsException"><see cref="KmsError.ConfigurationInvalid"/> with every fault.</exception>
    public CustodyOptions Custody
    {
        get
        {
            CustodyOptions options = ReadCustody(_configuration);
            ConfigurationFaults faults = new();
            return options.Check("Kms:Custody", faults)
                ? options
                : throw new KmsException(KmsError.ConfigurationInvalid, faults.Describe());
        }
    }

    /// <summary>Custody of the installation; the caller disposes it.</summary>
    /// <param name="store">The store, if it is open; kept as long as custody.</param>
    public Task<EnvelopeCustody> OpenCustodyAsync(KmsStore? store) => CustodySetup.OpenAsync(Custody, Data, Store, store);

    /// <summary>The store where custody needs it, for verbs that need it for nothing else; null otherwise.</summary>
    public async Task<KmsStore?> OpenStoreForCustodyAsync(TimeProvider time) =>
        CustodySetup.NeedsStore(Custody, Store) ? await CustodyCommands.OpenStoreAsync(this, time) : null;

    /// <summary>Reads <c>Kms:Custody</c>; a misspelt key is a fault.</summary>
    public static CustodyOptions ReadCustody(IConfiguration configuration)
    {
        ConfigurationFaults faults = new();
        CustodyOptions options = OptionsReader.Read<CustodyOptions>(configuration, "Kms:Custody", faults);
        return faults.Any ? throw new KmsException(KmsError.ConfigurationInvalid, faults.Describe()) : options;
    }

    /// <summary>
    /// Who acts: the account of the process, which is who could do so without the KMS, and with <c>--operator NAME</c> whoever
    /// sits there, where several people share that account.
    /// </summary>
    /// <exception cref="KmsException"><see cref="KmsError.ConfigurationInvalid"/>: no name.</exception>
    public Authority Operator => OperatorOf(Optional("Verb:Operator"));

    /// <summary>The same, for a name that was given or not.</summary>
    public static Authority OperatorOf(string? name)
    {
        Authority process = Authority.Console;
        return name is null ? process
            : name.Length <= MaxOperatorLength && name.All(c => char.IsLetterOrDigit(c) || c is '.' or '-' or '_' or '@' or ' ')
                ? process with { Issuer = $"{process.Issuer}:{process.Subject}", Subject = name }
            : throw new KmsException(
                KmsError.ConfigurationInvalid,
                $"--operator is no name: at most {MaxOperatorLength} letters, digits, spaces and . - _ @");
    }

    public bool Has(string flag) => _configuration[$"Verb:{flag}"] is { } text && bool.TryParse(text, out bool value) && value;

    public string? Optional(string key) => _configuration[key] is { Length: > 0 } value ? value : null;

    public string Required(string key, string name) => Optional(key)
        ?? throw new KmsException(KmsError.ConfigurationInvalid, $"{name} is missing");

    public int Number(string key, string name) =>
        int.TryParse(_configuration[key], NumberStyles.None, CultureInfo.InvariantCulture, out int value)
            ? value
            : throw new KmsException(KmsError.ConfigurationInvalid, $"{name} is not a number");

    public string[] List(string key, string name) =>
        Required(key, name).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
