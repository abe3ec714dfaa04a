using System.Collections.Concurrent;
using System.Security.Cryptography;
using Watchword.Cryptography;
using Watchword.KeyManagement;

namespace Watchword.Kms;

/// <summary>Makes key sets from master secrets and checks each before anybody gets it.</summary>
/// <param name="batcher">Shared by all domains of the node.</param>
/// <param name="fullCheckRate">Share of key sets that are validated as the client does it; the first of a generation always
/// is.</param>
/// <param name="ahead">What was made ahead; null if nothing ever is.</param>
internal sealed class KeyMaker(KeyBatcher batcher, double fullCheckRate, PreparedKeySource? ahead = null)
{
    private readonly ConcurrentDictionary<int, SelfCheck> _selfChecks = new();

    /// <summary>The key sets of what was prepared, each checked. All of them or none.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.SelfCheckFailed"/>, <see cref="KmsError.GenerationNotIssuing"/>, or why
    /// the master secrets did not open.</exception>
    public Task<KmsKeySet[]> MakeAsync(PreparedIssuance prepared) => ahead is null
        ? MakeAsync(prepared, prepared.Keys)
        : ahead.TakeAsync(prepared, CheckOf(prepared.Generation), missing => MakeAsync(prepared, missing));

    private async Task<KmsKeySet[]> MakeAsync(PreparedIssuance prepared, IReadOnlyList<PreparedKey> keys)
    {
        DomainGeneration generation = prepared.Generation;
        using SecretsLease lease = generation.Secrets?.TryLease()
            ?? throw generation.Fault ?? new KmsException(KmsError.GenerationNotIssuing, $"generation {generation.Number}");
        FreshKey[] fresh = await batcher.IssueAsync(
            lease.Secrets, [.. keys.Select(key => (ReadOnlyMemory<byte>)key.UserId.Octets.ToArray())])
            .ConfigureAwait(false);
        List<KmsKeySet> keySets = [];
        try
        {
            SelfCheck check = CheckOf(generation);
            for (int i = 0; i < fresh.Length; i++)
            {
                keySets.Add(Combine(generation, keys[i], prepared.PeriodNumber, fresh[i]));
                if (!check.Passes(fresh[i].IsSound, keySets[i]))
                {
                    throw new KmsException(KmsError.SelfCheckFailed);
                }
            }

            return [.. keySets];
        }
        catch
        {
            keySets.ForEach(keySet => keySet.Dispose());
            throw;
        }
        finally
        {
            Array.ForEach(fresh, key => key.Dispose());
        }
    }

    /// <summary>SHA-256 over the PVT, which tells a repeated key from another.</summary>
    public static byte[] HashPublicToken(KmsKeySet keySet)
    {
        Span<byte> token = stackalloc byte[EccsiSigningKey.PublicTokenSizeInBytes];
        keySet.ExportPublicToken(token);
        return SHA256.HashData(token);
    }

    private SelfCheck CheckOf(DomainGeneration generation) => _selfChecks.GetOrAdd(
        generation.Number, static (_, made) => new SelfCheck(made.Certificate, made.Rate),
        (generation.Certificate, Rate: fullCheckRate));

    private static KmsKeySet Combine(DomainGeneration generation, PreparedKey key, long periodNumber, FreshKey fresh)
    {
        try
        {
            return KmsKeySet.Create(generation.Certificate, key.Identity.Uri, periodNumber, fresh.Signing, fresh.Receiver);
        }
        catch (ArgumentException fault)
        {
            // Keys that do not even belong to the certificate: custody and store are not of one domain.
            throw new KmsException(KmsError.SelfCheckFailed, innerException: fault);
        }
    }
}
