using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Watchword.KeyManagement.Audit;

namespace Watchword.KeyManagement.Tests.Audit;

public sealed class AuditExportTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly TestSigner _signer = new();
    private readonly TestSigner _other = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _signer.Dispose();
        _other.Dispose();
    }

    [Fact]
    public async Task An_export_verifies_without_the_kms()
    {
        AuditExportVerification found = await VerifyAsync(await ExportAsync());
        (found.Fault, found.Line).ShouldBe((AuditFault.None, null));
        (found.Chain.Records, found.Chain.SignedUpTo).ShouldBe((5, 3));
        found.Chain.OpenIntents.ShouldBeEmpty();
        found.Header!.KmsUris.ShouldBe(["kms.x.example"]);
        found.Header.Keys.ShouldHaveSingleItem().KeyId.ShouldBe(_signer.PublicKey.KeyId);
        found.Header.ExportedAt.ShouldBe(Start);
    }

    [Fact]
    public async Task An_export_of_an_empty_log_verifies()
    {
        AuditExportVerification found = await VerifyAsync(await ExportAsync([]));
        (found.IsValid, found.Chain.Records).ShouldBe((true, 0));
    }

    [Fact]
    public async Task Every_member_of_every_line_is_covered()
    {
        string[] lines = Lines(await ExportAsync());
        int changes = 0;
        HashSet<AuditFault> faults = [];
        for (int i = 0; i < lines.Length; i++)
        {
            foreach (string changed in Changes(lines[i]))
            {
                changes++;
                string[] copy = [.. lines];
                copy[i] = changed;
                AuditExportVerification found = await VerifyAsync(Join(copy));
                found.IsValid.ShouldBeFalse($"line {i + 1}: {changed}");
                faults.Add(found.Fault);
            }
        }

        changes.ShouldBeGreaterThan(130);
        AuditFault[] expected =
        [
            AuditFault.ContentChanged, AuditFault.BrokenLink, AuditFault.SequenceGap, AuditFault.UnknownFormat,
            AuditFault.EndMissing, AuditFault.ExportMalformed, AuditFault.ExportNotSigned,
        ];
        faults.Order().ShouldBe(expected.Order());
    }

    [Fact]
    public async Task A_line_removed_doubled_or_moved_is_found()
    {
        string[] lines = Lines(await ExportAsync());
        for (int i = 0; i < lines.Length; i++)
        {
            (await VerifyAsync(Join([.. lines[..i], .. lines[(i + 1)..]]))).IsValid.ShouldBeFalse($"without line {i + 1}");
            (await VerifyAsync(Join([.. lines[..(i + 1)], .. lines[i..]]))).IsValid.ShouldBeFalse($"line {i + 1} twice");
            if (i > 0)
            {
                string[] swapped = [.. lines];
                (swapped[i - 1], swapped[i]) = (swapped[i], swapped[i - 1]);
                (await VerifyAsync(Join(swapped))).IsValid.ShouldBeFalse($"lines {i} and {i + 1} swapped");
            }
        }
    }

    [Fact]
    public async Task A_cut_anywhere_is_found()
    {
        byte[] export = await ExportAsync();
        for (int length = 0; length < export.Length; length++)
        {
            (await VerifyAsync(export[..length])).IsValid.ShouldBeFalse();
        }
    }

    [Fact]
    public async Task A_cut_with_a_footer_that_fits_is_found_by_its_signature()
    {
        // Cut behind the first three records: a chain that holds by itself.
        string[] lines = Lines(await ExportAsync());
        JsonNode footer = JsonNode.Parse(lines[^1])!;
        footer["count"] = 3;
        footer["hash"] = JsonNode.Parse(lines[3])!["hash"]!.GetValue<string>();
        AuditExportVerification found = await VerifyAsync(Join([.. lines[..4], footer.ToJsonString(Plain)]));
        (found.Fault, found.Line).ShouldBe((AuditFault.ExportNotSigned, 5));
    }

    [Fact]
    public async Task Only_keys_that_are_trusted_count()
    {
        byte[] export = await ExportAsync();
        (await VerifyAsync(export, _other)).Fault.ShouldBe(AuditFault.CheckpointNotSigned);
        AuditRecord[] unsigned = [.. Log()[..3]];
        (await VerifyAsync(await ExportAsync(unsigned), _other)).Fault.ShouldBe(AuditFault.ExportNotSigned);
    }

    [Fact]
    public async Task A_head_written_down_earlier_must_be_in_it()
    {
        AuditHead head = Log()[^1].ToHead();
        byte[] shorter = await ExportAsync([.. Log()[..4]]);
        (await AuditExport.VerifyAsync(new MemoryStream(shorter), [_signer.PublicKey], head, Token)).Fault
            .ShouldBe(AuditFault.EndMissing);
    }

    [Fact]
    public async Task Octets_that_are_no_export_are_one_fault()
    {
        foreach (string text in (string[])["", "\n", "x", "{}\n", "[]\n", "null\n", "{\"format\":1}\n", "\ufeff{}\n"])
        {
            (await VerifyAsync(Encoding.UTF8.GetBytes(text))).IsValid.ShouldBeFalse(text);
        }

        byte[] endless = new byte[AuditExport.MaxLineOctets + 10];
        endless.AsSpan().Fill((byte)'{');
        AuditExportVerification found = await VerifyAsync(endless);
        (found.Fault, found.Line).ShouldBe((AuditFault.ExportMalformed, 1));
    }

    [Fact]
    public void A_checkpoint_is_read_from_its_record_and_from_no_other()
    {
        AuditRecord[] log = Log();
        AuditCheckpoint.TryRead(log[3], out AuditCheckpoint? checkpoint).ShouldBeTrue();
        (checkpoint!.Sequence, checkpoint.KeyId).ShouldBe((3, _signer.PublicKey.KeyId));
        checkpoint.IsSignedBy([_other.PublicKey, _signer.PublicKey]).ShouldBeTrue();
        checkpoint.IsSignedBy([_other.PublicKey]).ShouldBeFalse();
        (checkpoint with { Time = checkpoint.Time.AddMilliseconds(1) }).IsSignedBy([_signer.PublicKey]).ShouldBeFalse();
        AuditCheckpoint.TryRead(log[2], out _).ShouldBeFalse();
        foreach (string? detail in (string?[])[null, "", "x y", $"{checkpoint.KeyId} AAAA", checkpoint.ToDetail() + " z"])
        {
            AuditEntry entry = new()
            {
                Kind = AuditKind.Checkpoint, KmsUri = string.Empty, Generation = 0, CorrelationId = "c", Detail = detail,
            };
            AuditRecord record = AuditRecord.Append(log[2].ToHead(), Start, entry);
            AuditCheckpoint.TryRead(record, out _).ShouldBeFalse();
            AuditChain.Verify([.. log[..3], record], keys: [_signer.PublicKey]).Fault.ShouldBe(AuditFault.CheckpointNotSigned);
        }
    }

    [Fact]
    public void A_key_on_another_curve_is_refused()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Should.Throw<CryptographicException>(() => AuditPublicKey.Import(key.ExportSubjectPublicKeyInfo()));
        Should.Throw<CryptographicException>(() => AuditPublicKey.Import([.. _signer.PublicKey.Export(), 0]));
        AuditPublicKey.Import(_signer.PublicKey.Export()).KeyId.ShouldBe(_signer.PublicKey.KeyId);
    }

    private static string[] Lines(byte[] export) => Encoding.UTF8.GetString(export).TrimEnd('\n').Split('\n');

    private static byte[] Join(string[] lines) => Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n");

    /// <summary>The line with each of its values changed, each member removed, one added, and its spelling changed.</summary>
    private static IEnumerable<string> Changes(string line)
    {
        yield return line + " ";
        yield return line.Replace("\":", "\": ", StringComparison.Ordinal);
        yield return line[..^1] + ",\"more\":1}";
        foreach (string name in JsonNode.Parse(line)!.AsObject().Select(member => member.Key).ToArray())
        {
            JsonObject removed = JsonNode.Parse(line)!.AsObject();
            removed.Remove(name);
            yield return removed.ToJsonString(Plain);
            JsonObject changed = JsonNode.Parse(line)!.AsObject();
            changed[name] = Changed(changed[name]!);
            yield return changed.ToJsonString(Plain);
        }

        if (JsonNode.Parse(line)!["keySets"] is JsonArray { Count: > 0 } keySets)
        {
            foreach (string name in keySets[0]!.AsObject().Select(member => member.Key).ToArray())
            {
                JsonNode changed = JsonNode.Parse(line)!;
                changed["keySets"]![0]![name] = Changed(changed["keySets"]![0]![name]!);
                yield return changed.ToJsonString(Plain);
            }
        }
    }

    private static JsonNode Changed(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Number => value.GetValue<long>() + 1,
        JsonValueKind.String => ChangedText(value.GetValue<string>()),
        _ => new JsonArray([.. value.AsArray().Skip(1).Select(item => item!.DeepClone())]),
    };

    private static string ChangedText(string text) => text.Length == 0 ? "0" : (text[0] == '1' ? '2' : '1') + text[1..];

    private Task<AuditExportVerification> VerifyAsync(byte[] export, TestSigner? trusted = null) =>
        AuditExport.VerifyAsync(new MemoryStream(export), [(trusted ?? _signer).PublicKey], cancellationToken: Token);

    private async Task<byte[]> ExportAsync(AuditRecord[]? log = null)
    {
        using MemoryStream stream = new();
        AuditExportHeader header = new(["kms.x.example"], [_signer.PublicKey], Start);
        await AuditExport.WriteAsync(stream, header, (log ?? Log()).ToAsyncEnumerable(), _signer, Token);
        return stream.ToArray();
    }

    private AuditRecord[] Log()
    {
        byte[] hash = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        List<AuditRecord> log = [];
        void Add(AuditEntry entry) => log.Add(AuditRecord.Append(log.Count == 0 ? AuditHead.Empty : log[^1].ToHead(), Start, entry));
        AuditEntry Issue(AuditKind kind, long? intent) => new()
        {
            Kind = kind, KmsUri = "kms.x.example", Generation = 1, CorrelationId = "c0ffee", Issuer = "https://idm.x.example",
            Subject = "subject", KeyPeriodNumber = 1530, IntentSequence = intent, Detail = "ä \"quoted\"",
            KeySets = [new AuditKeySet("sip:a@x.example", "mcptt", hash, intent is null ? default : hash)],
        };
        Add(new()
        {
            Kind = AuditKind.Override, KmsUri = "kms.x.example", Generation = 1, CorrelationId = "c", Issuer = "i", Subject = "s",
            Role = "crypto officer", UserUri = "sip:a@x.example", Service = "mcptt", KeyPeriodNumber = 1530, UserId = hash,
            PublicTokenHash = hash, Detail = "moved",
        });
        Add(Issue(AuditKind.Intent, null));
        Add(Issue(AuditKind.Outcome, 2));
        Add(new()
        {
            Kind = AuditKind.Checkpoint, KmsUri = string.Empty, Generation = 0, CorrelationId = "checkpoint",
            Detail = AuditCheckpoint.Sign(log[^1].ToHead(), Start, _signer).ToDetail(),
        });
        Add(new() { Kind = AuditKind.Denied, KmsUri = "kms.x.example", Generation = 1, CorrelationId = "c", Result = 40303 });
        return [.. log];
    }

    private sealed class TestSigner : IAuditSigner, IDisposable
    {
        private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        public TestSigner() => PublicKey = AuditPublicKey.Import(_key.ExportSubjectPublicKeyInfo());

        public AuditPublicKey PublicKey { get; }

        public void Sign(ReadOnlySpan<byte> data, Span<byte> signature) => _key.TrySignData(
            data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation, out _).ShouldBeTrue();

        public void Dispose() => _key.Dispose();
    }
}
