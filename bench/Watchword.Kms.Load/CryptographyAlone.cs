using System.Diagnostics;
using System.Security.Cryptography;
using Watchword.Cryptography;

namespace Watchword.Kms.Load;

/// <summary>What the cryptography of one answer costs by itself: RSK, SSK and PVT of three identities, issued in batches.</summary>
internal static class CryptographyAlone
{
    private const int BatchSize = 192;
    private const int Batches = 25;

    /// <summary>Seconds of one processor for the key sets of one answer, the best of many batches.</summary>
    public static double SecondsPerAnswer()
    {
        using SakkeMasterKey sakke = SakkeMasterKey.Generate();
        using EccsiMasterKey eccsi = EccsiMasterKey.Generate();
        using EccsiDerivationKey derivation = EccsiDerivationKey.Generate();
        byte[] receiverKeys = new byte[BatchSize * SakkeReceiverKey.SizeInBytes];
        byte[] secrets = new byte[BatchSize * EccsiSigningKey.SecretSizeInBytes];
        byte[] tokens = new byte[BatchSize * EccsiSigningKey.PublicTokenSizeInBytes];
        double best = double.MaxValue;
        for (int i = 0; i < Batches; i++)
        {
            ReadOnlyMemory<byte>[] identities = [.. Enumerable.Range(0, BatchSize)
                .Select(_ => (ReadOnlyMemory<byte>)RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes))];
            long start = Stopwatch.GetTimestamp();
            sakke.IssueReceiverKeys(identities, receiverKeys);
            eccsi.IssueSigningKeys(identities, derivation, secrets, tokens);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best / BatchSize * TokenSigner.KeySetsPerAnswer;
    }
}
