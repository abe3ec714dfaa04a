using Watchword.Benchmarks.Measuring;
using Watchword.Cryptography;

namespace Watchword.Benchmarks.Rows;

/// <summary>Rows about the receiver keys of SAKKE (RFC 6508 §6.1).</summary>
internal sealed class SakkeKeyRows(SakkeMasterKey master)
{
    private const int BatchSize = 256;
    private const int KeySize = SakkeReceiverKey.SizeInBytes;

    public Row Issue => new("rsk_issue", "an RSK for a new identity")
    {
        Check = () =>
        {
            byte[] identity = Identities.New();
            byte[] rsk = new byte[KeySize];
            master.IssueReceiverKey(identity, rsk);
            ExpectReceiverKey(identity, rsk);
        },
        CreateWorker = _ =>
        {
            Identities identities = new();
            byte[] rsk = new byte[KeySize];
            return new Worker(identities.Renew, count =>
            {
                for (int i = 0; i < count; i++)
                {
                    master.IssueReceiverKey(identities[i], rsk);
                }
            });
        },
    };

    public Row IssueBatch => new("rsk_issue_batch", $"an RSK out of {BatchSize} issued in one call")
    {
        OperationsPerCall = BatchSize,
        Check = () =>
        {
            Identities identities = new();
            identities.Renew(3);
            byte[] rsks = new byte[3 * KeySize];
            master.IssueReceiverKeys(identities.All, rsks);
            for (int i = 0; i < 3; i++)
            {
                ExpectReceiverKey(identities[i], rsks.AsSpan(i * KeySize, KeySize));
            }
        },
        CreateWorker = degree =>
        {
            Identities identities = new();
            byte[] rsks = new byte[BatchSize * KeySize];
            return new Worker(identities.Renew, count =>
            {
                for (int i = 0; i < count; i += BatchSize)
                {
                    master.IssueReceiverKeys(identities.Call(i, BatchSize), rsks, degree);
                }
            });
        },
    };

    public Row Validate => new("rsk_validate", "the RFC's whole validation of an RSK not seen before")
    {
        Check = () =>
        {
            byte[] identity = Identities.New();
            using SakkeReceiverKey key = master.IssueReceiverKey(identity);
            Expect.That(key.Validate(), "an RSK of its own identity is valid");
            byte[] rsk = new byte[KeySize];
            key.Export(rsk);
            ExpectReceiverKey(identity, rsk);
        },
        CreateWorker = _ =>
        {
            Disposables<SakkeReceiverKey> keys = new(() => master.IssueReceiverKey(Identities.New()));
            return new Worker(keys.Renew, count =>
            {
                for (int i = 0; i < count; i++)
                {
                    Expect.That(keys[i].Validate(), "a key that was just issued is valid");
                }
            });
        },
    };

    public Row Table => new("rsk_table", "the table of one RSK, for the decapsulations to come")
    {
        Check = () =>
        {
            using SakkeReceiverKey key = master.IssueReceiverKey(Identities.New());
            key.Precompute();
            SakkeMessageRows.ExpectRoundTrip(master.PublicKey, key);
        },
        CreateWorker = _ =>
        {
            Disposables<SakkeReceiverKey> keys = new(() => master.IssueReceiverKey(Identities.New()));
            return new Worker(keys.Renew, count =>
            {
                for (int i = 0; i < count; i++)
                {
                    keys[i].Precompute();
                }
            });
        },
    };

    /// <summary>The RSK is the identity's, and no other identity's.</summary>
    private void ExpectReceiverKey(ReadOnlySpan<byte> identity, ReadOnlySpan<byte> rsk)
    {
        bool valid = SakkeReceiverKey.TryImport(master.PublicKey, identity, rsk, out SakkeReceiverKey? key);
        Expect.That(valid, "the RSK is valid for its identity");
        key!.Dispose();
        bool accepted = SakkeReceiverKey.TryImport(master.PublicKey, Identities.New(), rsk, out key);
        key?.Dispose();
        Expect.That(!accepted, "the RSK is refused for another identity");
    }
}
