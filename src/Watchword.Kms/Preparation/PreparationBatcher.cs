using System.Diagnostics;
using System.Security.Cryptography;
using Watchword.KeyManagement;

namespace Watchword.Kms;

/// <summary>An identity whose key set is to be made ahead.</summary>
/// <param name="Holder">For whom.</param>
/// <param name="UserId">Its UID.</param>
internal sealed record WantedKey(KeyHolder Holder, UserId UserId)
{
    /// <summary>The transport keys of the identity's clients; none: sealed under custody alone.</summary>
    public IReadOnlyList<TransportKey> TransportKeys { get; init; } = [];
}

/// <summary>
/// Makes, checks and seals key sets in large batches over several processors: never more than a share of them, so that who asks
/// for keys meanwhile finds one. Where the share is no whole number of processors each of the threads rests in proportion.
/// </summary>
internal sealed class PreparationBatcher(PreparationSettings settings)
{
    /// <summary>Keys of one piece of work. Beyond this a batch of the cryptography gains next to nothing.</summary>
    private const int PieceSize = 128;

    private readonly int _workers = (int)Math.Max(1, Math.Ceiling(Environment.ProcessorCount * settings.ProcessorShare - 1e-9));

    /// <summary>The part of the time for which a thread works.</summary>
    private double Duty => Math.Min(1, Environment.ProcessorCount * settings.ProcessorShare / _workers);

    /// <summary>Makes and seals the key sets of a batch, and the digest that its outcome names.</summary>
    /// <param name="generation">The generation that will issue.</param>
    /// <param name="check">Its self-check.</param>
    /// <param name="sealer">Seals.</param>
    /// <param name="periodNumber">The key period.</param>
    /// <param name="wanted">The identities, each UID once.</param>
    /// <param name="cancellationToken">Gives up between two pieces.</param>
    /// <exception cref="KmsException"><see cref="KmsError.SelfCheckFailed"/>, <see cref="KmsError.GenerationNotIssuing"/>, or why
    /// the master secrets did not open.</exception>
    public async Task<(IReadOnlyList<SealedKeySet> KeySets, string Digest)> MakeAsync(
        DomainGeneration generation, SelfCheck check, SecretSealer sealer, long periodNumber, IReadOnlyList<WantedKey> wanted,
        CancellationToken cancellationToken)
    {
        using SecretsLease lease = generation.Secrets?.TryLease()
            ?? throw generation.Fault ?? new KmsException(KmsError.GenerationNotIssuing, $"generation {generation.Number}");
        WantedKey[][] pieces = [.. wanted.Chunk(PieceSize)];
        List<SealedKeySet>[] made = new List<SealedKeySet>[pieces.Length];
        byte[][][] tokens = new byte[pieces.Length][][];
        ParallelOptions options = new() { MaxDegreeOfParallelism = _workers, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, pieces.Length, options, async (i, stop) =>
        {
            long begin = Stopwatch.GetTimestamp();
            (made[i], tokens[i]) = Make(generation, check, sealer, periodNumber, pieces[i], lease.Secrets);
            if (Duty < 1)
            {
                // Real time, whatever the clock of the domain says: this is about the processor.
                await Task.Delay(Stopwatch.GetElapsedTime(begin) * ((1 / Duty) - 1), stop).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
        return ([.. made.SelectMany(piece => piece)], Digest(wanted, [.. tokens.SelectMany(piece => piece)]));
    }

    private static (List<SealedKeySet> KeySets, byte[][] Tokens) Make(
        DomainGeneration generation, SelfCheck check, SecretSealer sealer, long periodNumber, WantedKey[] wanted,
        MasterSecrets secrets)
    {
        FreshKey[] fresh = FreshKey.Issue(
            secrets, [.. wanted.Select(key => (ReadOnlyMemory<byte>)key.UserId.Octets.ToArray())]);
        try
        {
            List<SealedKeySet> made = [];
            byte[][] tokens = new byte[wanted.Length][];
            for (int i = 0; i < wanted.Length; i++)
            {
                using KmsKeySet keySet = KmsKeySet.Create(
                    generation.Certificate, wanted[i].Holder.UserUri, periodNumber, fresh[i].Signing, fresh[i].Receiver);
                if (!check.Passes(fresh[i].IsSound, keySet))
                {
                    throw new KmsException(KmsError.SelfCheckFailed);
                }

                tokens[i] = KeyMaker.HashPublicToken(keySet);
                Seal(sealer, generation.Record, keySet, wanted[i], made);
            }

            return (made, tokens);
        }
        catch (ArgumentException fault)
        {
            // Keys that do not even belong to the certificate: custody and store are not of one domain.
            throw new KmsException(KmsError.SelfCheckFailed, innerException: fault);
        }
        finally
        {
            Array.ForEach(fresh, key => key.Dispose());
        }
    }

    private static void Seal(
        SecretSealer sealer, DomainRecord generation, KmsKeySet keySet, WantedKey wanted, List<SealedKeySet> into)
    {
        byte[] holder = PreparedPlace.HashHolder(wanted.Holder.Issuer, wanted.Holder.Subject);
        byte[] identity = PreparedPlace.HashIdentity(generation.KmsUri, wanted.Holder.UserUri);
        if (wanted.TransportKeys.Count == 0)
        {
            into.Add(PreparedKeyVault.Seal(sealer, generation, keySet, holder, identity, transportKey: null));
        }

        into.AddRange(wanted.TransportKeys.Select(
            transportKey => PreparedKeyVault.Seal(sealer, generation, keySet, holder, identity, transportKey)));
    }

    /// <summary>SHA-256 over UID and hash of the PVT of every key, by UID: an auditor who has the issuances finds in it what was
    /// prepared.</summary>
    private static string Digest(IReadOnlyList<WantedKey> wanted, byte[][] tokens)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (int i in Enumerable.Range(0, wanted.Count).OrderBy(
            i => Convert.ToHexString(wanted[i].UserId.Octets), StringComparer.Ordinal))
        {
            hash.AppendData(wanted[i].UserId.Octets);
            hash.AppendData(tokens[i]);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
