using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;

namespace Watchword.KeyManagement.Audit;

/// <summary>What stands at the head of an export.</summary>
/// <param name="KmsUris">The security domains of the installation.</param>
/// <param name="Keys">The keys that signed its checkpoints. Whoever verifies trusts those that he got elsewhere, not
/// these.</param>
/// <param name="ExportedAt">When it was made, in whole milliseconds.</param>
public sealed record AuditExportHeader(
    IReadOnlyList<string> KmsUris, IReadOnlyList<AuditPublicKey> Keys, DateTimeOffset ExportedAt);

/// <summary>What the verification of an export found.</summary>
/// <param name="Fault">The first fault, or <see cref="AuditFault.None"/>.</param>
/// <param name="Line">The line of the first fault, from 1.</param>
/// <param name="Header">The header, if it could be read.</param>
/// <param name="Chain">What was found in the records up to there.</param>
public sealed record AuditExportVerification(AuditFault Fault, long? Line, AuditExportHeader? Header, AuditVerification Chain)
{
    /// <summary>True when the whole export holds.</summary>
    public bool IsValid => Fault == AuditFault.None;
}

/// <summary>
/// The audit log as a file that can be verified without the KMS: JSON Lines in UTF-8, each line ending with LF. The first line is
/// the header, then each record in order, the last line the footer with the count of records, the hash of the last and a
/// signature. Signed are the label <c>watchword-audit-export-1</c> and SHA-256 over all lines before the footer. A line is
/// exactly what this class writes, octet by octet, so there is no second spelling of a record. <c>docs/audit-export.md</c> has
/// the members.
/// </summary>
public static class AuditExport
{
    /// <summary>Longest line in octets.</summary>
    public const int MaxLineOctets = 1 << 20;

    private static ReadOnlySpan<byte> Label => "watchword-audit-export-1"u8;

    /// <summary>Writes an export.</summary>
    /// <param name="destination">Where to; stays open.</param>
    /// <param name="header">What stands at its head.</param>
    /// <param name="records">The log from its first record.</param>
    /// <param name="signer">Signs the footer.</param>
    /// <param name="cancellationToken">Gives up; what is written then is no export.</param>
    /// <returns>The head of what was written.</returns>
    public static async Task<AuditHead> WriteAsync(
        Stream destination, AuditExportHeader header, IAsyncEnumerable<AuditRecord> records, IAuditSigner signer,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(header);
        ArgumentNullException.ThrowIfNull(records);
        ArgumentNullException.ThrowIfNull(signer);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        ArrayBufferWriter<byte> line = new(1024);
        AuditJson.WriteHeader(line, header);
        await FlushAsync(destination, line, hash, cancellationToken).ConfigureAwait(false);
        AuditHead head = AuditHead.Empty;
        await foreach (AuditRecord record in records.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            AuditJson.WriteRecord(line, record);
            await FlushAsync(destination, line, hash, cancellationToken).ConfigureAwait(false);
            head = record.ToHead();
        }

        byte[] signature = new byte[AuditPublicKey.SignatureSizeInBytes];
        signer.Sign(Signed(hash.GetCurrentHash()), signature);
        AuditJson.WriteFooter(line, new AuditFooter(head.Sequence, head.Hash, signer.PublicKey.KeyId, signature));
        await FlushAsync(destination, line, hash, cancellationToken).ConfigureAwait(false);
        await destination.FlushAsync(cancellationToken).ConfigureAwait(false);
        return head;
    }

    /// <summary>Verifies an export, line by line, in memory that does not grow with it but by its open intents.</summary>
    /// <param name="source">The export; stays open.</param>
    /// <param name="trusted">The keys that may have signed it and its checkpoints, got from the KMS by another way.</param>
    /// <param name="expected">A head written down earlier that the log must contain; null if there is none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static async Task<AuditExportVerification> VerifyAsync(
        Stream source, IReadOnlyList<AuditPublicKey> trusted, AuditHead? expected = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(trusted);
        using Verifier verifier = new(trusted, expected);
        PipeReader reader = PipeReader.Create(source, new StreamPipeReaderOptions(leaveOpen: true));
        while (true)
        {
            ReadResult read = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            ReadOnlySequence<byte> rest = read.Buffer;
            while (verifier.Fault == AuditFault.None && rest.PositionOf((byte)'\n') is { } end)
            {
                verifier.Take(rest.Slice(0, end).ToArray());
                rest = rest.Slice(rest.GetPosition(1, end));
            }

            if (read.IsCompleted || rest.Length > MaxLineOctets || verifier.Fault != AuditFault.None)
            {
                await reader.CompleteAsync().ConfigureAwait(false);
                return verifier.Finish(!rest.IsEmpty);
            }

            reader.AdvanceTo(rest.Start, rest.End);
        }
    }

    private static byte[] Signed(ReadOnlySpan<byte> hash) => [.. Label, .. hash];

    private static async Task FlushAsync(
        Stream destination, ArrayBufferWriter<byte> line, IncrementalHash hash, CancellationToken cancellationToken)
    {
        line.Write("\n"u8);
        hash.AppendData(line.WrittenSpan);
        await destination.WriteAsync(line.WrittenMemory, cancellationToken).ConfigureAwait(false);
        line.ResetWrittenCount();
    }

    private sealed class Verifier(IReadOnlyList<AuditPublicKey> trusted, AuditHead? expected) : IDisposable
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private readonly AuditChain _chain = new(expected, trusted);
        private AuditExportHeader? _header;
        private bool _ended;
        private long _line;

        public AuditFault Fault { get; private set; }

        public void Dispose() => _hash.Dispose();

        public void Take(byte[] line)
        {
            _line++;
            Fault = line.Length > MaxLineOctets || _ended ? AuditFault.ExportMalformed : Check(line);
            _hash.AppendData(line);
            _hash.AppendData("\n"u8);
        }

        public AuditExportVerification Finish(bool hasRest)
        {
            AuditVerification chain = _chain.Finish();
            if (Fault == AuditFault.None)
            {
                Fault = hasRest ? AuditFault.ExportMalformed : _ended ? chain.Fault : AuditFault.EndMissing;
                _line += Fault == AuditFault.None ? 0 : 1;
            }

            return new AuditExportVerification(Fault, Fault == AuditFault.None ? null : _line, _header, chain);
        }

        private AuditFault Check(byte[] line)
        {
            if (_header is null)
            {
                return AuditJson.TryReadHeader(line, out _header) ? AuditFault.None : AuditFault.ExportMalformed;
            }

            if (AuditJson.TryReadRecord(line, out AuditRecord? record))
            {
                return _chain.Accept(record) ? AuditFault.None : _chain.Finish().Fault;
            }

            if (!AuditJson.TryReadFooter(line, out AuditFooter? footer))
            {
                return AuditFault.ExportMalformed;
            }

            _ended = true;
            AuditHead head = _chain.Finish().Head;
            return footer.Count != head.Sequence || !footer.Hash.Span.SequenceEqual(head.Hash.Span) ? AuditFault.EndMissing
                : trusted.FirstOrDefault(key => key.KeyId == footer.KeyId) is { } key
                    && key.Verify(Signed(_hash.GetCurrentHash()), footer.Signature.Span) ? AuditFault.None
                : AuditFault.ExportNotSigned;
        }
    }
}
