using System.Security.Cryptography;
using Watchword.Cryptography;

namespace Watchword.Kms.Load;

/// <summary>
/// What the cryptography of one answer costs by itself, in seconds of processor time, measured on all cores at once as the server
/// uses them.
/// </summary>
/// <param name="Issuing">RSK, SSK and PVT of three identities, issued in large batches.</param>
/// <param name="SelfCheck">What each key must pass before it leaves: the ECCSI relation (RFC 6507 §5.1.2) and the curve of the
/// RSK; and the full validation of one in a thousand.</param>
/// <param name="TokenSignature">The ES256 signature of one access token.</param>
internal sealed record CryptographyAlone(double Issuing, double SelfCheck, double TokenSignature)
{
    private const int BatchSize = 192;
    private const int Answers = BatchSize / TokenSigner.KeySetsPerAnswer;
    private const double FullCheckRate = 0.001;

    public double Sum => Issuing + SelfCheck + TokenSignature;

    public static CryptographyAlone Measure()
    {
        using SakkeMasterKey sakke = SakkeMasterKey.Generate();
        using EccsiMasterKey eccsi = EccsiMasterKey.Generate();
        using EccsiDerivationKey derivation = EccsiDerivationKey.Generate();
        using ECDsa issuer = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] content = RandomNumberGenerator.GetBytes(600);
        byte[] signature = issuer.SignData(content, HashAlgorithmName.SHA256);
        SakkeReceiverKey[] receivers = sakke.IssueReceiverKeys(Identities());
        EccsiSigningKey[] signers = eccsi.IssueSigningKeys(Identities(), derivation);

        double issuing = OnAllCores(() =>
        {
            ReadOnlyMemory<byte>[] identities = Identities();
            sakke.IssueReceiverKeys(identities, new byte[BatchSize * SakkeReceiverKey.SizeInBytes]);
            eccsi.IssueSigningKeys(
                identities, derivation, new byte[BatchSize * EccsiSigningKey.SecretSizeInBytes],
                new byte[BatchSize * EccsiSigningKey.PublicTokenSizeInBytes]);
        });
        double cheap = OnAllCores(() =>
        {
            _ = EccsiSigningKey.ValidateAll(signers, new bool[BatchSize]);
            Array.ForEach(receivers, receiver => _ = receiver.IsOnCurve());
        });
        double full = OnAllCores(() => Array.ForEach(receivers, receiver => _ = receiver.Validate()));
        double token = OnAllCores(() =>
        {
            for (int i = 0; i < Answers; i++)
            {
                _ = issuer.VerifyData(content, signature, HashAlgorithmName.SHA256);
            }
        });
        Array.ForEach(receivers, receiver => receiver.Dispose());
        Array.ForEach(signers, signer => signer.Dispose());
        return new CryptographyAlone(issuing / Answers, (cheap + (FullCheckRate * full)) / Answers, token / Answers);
    }

    private static ReadOnlyMemory<byte>[] Identities() =>
        [.. Enumerable.Range(0, BatchSize).Select(_ => (ReadOnlyMemory<byte>)RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes))];

    /// <summary>Processor time of one call, from many on every core, the just-in-time compiler's work left out.</summary>
    private static double OnAllCores(Action work)
    {
        _ = Run(work, TimeSpan.FromSeconds(1));
        return Run(work, TimeSpan.FromSeconds(2));
    }

    private static double Run(Action work, TimeSpan time)
    {
        long calls = 0;
        double before = ProcessorTime.Of(Environment.ProcessId);
        Thread[] threads =
        [
            .. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(() =>
            {
                long start = TimeProvider.System.GetTimestamp();
                while (TimeProvider.System.GetElapsedTime(start) < time)
                {
                    work();
                    Interlocked.Increment(ref calls);
                }
            })),
        ];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return (ProcessorTime.Of(Environment.ProcessId) - before) / calls;
    }
}
