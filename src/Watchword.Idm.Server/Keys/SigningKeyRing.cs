using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using Watchword.Idm.Server.Configuration;

namespace Watchword.Idm.Server.Keys;

/// <summary>
/// The generations of signing keys: <em>next</em> (published, not used yet), <em>active</em>, and <em>retired</em> (published
/// until nothing that they signed can still be valid). The state of a generation follows from the time alone, so that a
/// restart, and every reader, sees the same; the ring looks at the clock whenever it is asked.
/// </summary>
internal sealed class SigningKeyRing : IDisposable
{
    /// <summary>The file in the data directory.</summary>
    public const string FileName = "signing-keys.json";

    private readonly Lock gate = new();
    private readonly IdmOptions options;
    private readonly TimeProvider time;
    private readonly ILogger<SigningKeyRing> logger;
    private readonly string path;
    private KeyEncryptionKey? key;
    private byte[] salt = [];
    private List<SigningKeyGeneration>? generations;

    public SigningKeyRing(IOptions<IdmOptions> options, TimeProvider time, ILogger<SigningKeyRing> logger)
    {
        this.options = options.Value;
        this.time = time;
        this.logger = logger;
        path = Path.Combine(this.options.DataDirectory, FileName);
    }

    /// <summary>True if initialisation has made the file.</summary>
    public bool Exists => File.Exists(path);

    /// <summary>The generation that signs now.</summary>
    public SigningKeyGeneration Active => Current().Last(generation => generation.ActivatesAt <= time.GetUtcNow());

    /// <summary>Every generation that is published: retired, active, next.</summary>
    public IReadOnlyList<SigningKeyGeneration> Published => Current();

    /// <summary>Every key that a token of this server may be signed with.</summary>
    public IReadOnlyList<SecurityKey> VerificationKeys =>
        [.. Current().SelectMany(generation => new[] { generation.Es256.Key, generation.Rs256.Key })];

    /// <summary>Every key that a token for this server itself may be encrypted with.</summary>
    public IReadOnlyList<SecurityKey> DecryptionKeys => [.. Current().Select(generation => generation.Encryption.Key)];

    /// <summary>Makes the first generation: the explicit act of initialisation.</summary>
    public void Initialize()
    {
        lock (gate)
        {
            if (Exists)
            {
                throw new IdmStartException("The data directory already holds signing keys.");
            }

            KeyEncryptionKey.CreateFileIfMissing(options.Custody);
            salt = RandomNumberGenerator.GetBytes(KeyEncryptionKey.SaltSizeInBytes);
            key = KeyEncryptionKey.Open(options.Custody, salt);
            generations = [];
            Add(generations, time.GetUtcNow());
        }
    }

    public void Dispose() => key?.Dispose();

    /// <summary>After its successor was activated, a generation is kept while a refresh token that it protects can be valid.</summary>
    private TimeSpan Retention => options.RefreshTokenLifetime + TimeSpan.FromHours(1);

    private SigningKeyGeneration[] Current()
    {
        lock (gate)
        {
            generations ??= Load();
            Roll(generations, time.GetUtcNow());
            return [.. generations];
        }
    }

    private void Roll(List<SigningKeyGeneration> known, DateTimeOffset now)
    {
        SigningKeyGeneration newest = known[^1];
        DateTimeOffset due = newest.ActivatesAt + options.SigningKeyLifetime;
        if (newest.ActivatesAt <= now && now >= due - options.SigningKeyAnnouncement)
        {
            DateTimeOffset announced = now + options.SigningKeyAnnouncement;
            Add(known, due > announced ? due : announced);
        }

        int removed = 0;
        while (known.Count > 1 && known[1].ActivatesAt + Retention <= now)
        {
            Log.SigningKeysRemoved(logger, known[0].Number);
            known.RemoveAt(0);
            removed++;
        }

        if (removed > 0)
        {
            Save(known);
        }
    }

    private void Add(List<SigningKeyGeneration> known, DateTimeOffset activatesAt)
    {
        SigningKeyGeneration fresh = SigningKeyGeneration.Create(known.Count == 0 ? 1 : known[^1].Number + 1, ToMilliseconds(activatesAt));
        List<SigningKeyGeneration> extended = [.. known, fresh];
        Save(extended);
        known.Add(fresh);
        Log.SigningKeysMade(logger, fresh.Number, fresh.ActivatesAt);
    }

    // The file keeps milliseconds; what is bound to the sealed keys must be what is read back.
    private static DateTimeOffset ToMilliseconds(DateTimeOffset value) =>
        DateTimeOffset.FromUnixTimeMilliseconds(value.ToUnixTimeMilliseconds());

    private List<SigningKeyGeneration> Load()
    {
        try
        {
            SigningKeyFile file = JsonSerializer.Deserialize(File.ReadAllBytes(path), SigningKeyFileJson.Default.SigningKeyFile)
                ?? throw new JsonException();
            salt = file.Salt;
            key ??= KeyEncryptionKey.Open(options.Custody, salt);
            List<SigningKeyGeneration> loaded =
            [
                .. file.Generations.OrderBy(entry => entry.Number).Select(entry => SigningKeyGeneration.Open(
                    entry.Number, DateTimeOffset.FromUnixTimeMilliseconds(entry.ActivatesAtMilliseconds), entry.Sealed, key)),
            ];
            return loaded.Count > 0 ? loaded : throw new JsonException();
        }
        catch (Exception fault) when (fault is JsonException or CryptographicException or IOException)
        {
            throw new IdmStartException($"The signing keys in {path} cannot be opened: wrong custody, or a damaged file.", fault);
        }
    }

    private void Save(List<SigningKeyGeneration> known)
    {
        SigningKeyFile file = new()
        {
            Salt = salt,
            Generations =
            [
                .. known.Select(generation => new SealedGeneration
                {
                    Number = generation.Number,
                    ActivatesAtMilliseconds = generation.ActivatesAt.ToUnixTimeMilliseconds(),
                    Sealed = generation.Seal(key!),
                }),
            ],
        };
        PrivateFiles.Replace(path, JsonSerializer.SerializeToUtf8Bytes(file, SigningKeyFileJson.Default.SigningKeyFile));
    }
}
