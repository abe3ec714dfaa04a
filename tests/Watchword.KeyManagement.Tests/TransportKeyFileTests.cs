using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Watchword.KeyManagement.Tests;

public sealed class TransportKeyFileTests
{
    private static readonly byte[] Trk = [.. Enumerable.Range(0, 32).Select(i => (byte)(i * 7))];
    private static readonly byte[] Ink = [.. Enumerable.Range(0, 32).Select(i => (byte)(255 - i))];

    public static TheoryData<string> Forms => ["file", "compact", "sheet"];

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_form_comes_back_whole(string form)
    {
        using TransportKeyFile file = Make();
        using SecretText text = Export(file, form);
        using TransportKeyFile read = TransportKeyFile.Parse(text.Utf8);
        Fields(read).ShouldBe(Fields(file));
        Octets(read.TransportKey).ShouldBe(Trk);
        Octets(read.IntegrityKey).ShouldBe(Ink);
        read.FingerprintWords.ShouldBe(file.FingerprintWords);
        (file.ToString(), text.ToString()).ShouldBe((nameof(TransportKeyFile), nameof(SecretText)));
        text.Dispose();
        Should.Throw<ObjectDisposedException>(() => text.Utf8.Length);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Typing_habits_are_borne_with(string form)
    {
        using TransportKeyFile file = Make();
        string text = Text(file, form);
        string[] variants = form switch
        {
            "file" => [$"\uFEFF{text}\n\n", text.Replace("\"version\": 1", "\"more\": [1, {\"a\": null}], \"version\": 1", StringComparison.Ordinal)],
            "compact" => [$" {text}\r\n", text.ToLowerInvariant(), text.Replace('1', 'l').Replace("WWTKl", "WWTK1", StringComparison.Ordinal).Replace('0', 'o')],
            _ =>
            [
                text.Replace("\n", "\r\n", StringComparison.Ordinal), text.ToLowerInvariant(),
                string.Join('\n', text.Split('\n').Where(l => l.Length > 0 && char.IsAsciiDigit(l[0])).Select(l => "  " + string.Join('-', l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Remove(2, 1).Insert(2, " "))),
            ],
        };
        foreach (string variant in variants)
        {
            using TransportKeyFile read = TransportKeyFile.Parse(Encoding.UTF8.GetBytes(variant));
            Octets(read.TransportKey).ShouldBe(Trk);
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Longest_fields_fit_every_form(string form)
    {
        string Long(string start) => start + new string('"', 256 - start.Length);
        using TransportKeyFile file = new(
            Long("k"), Long("https://"), Long("sip:"), Long("c"), TransportKey.Import(Long("tk"), Trk), IntegrityKey.Import(Long("ink"), Ink), DateTimeOffset.MaxValue);
        using SecretText text = Export(file, form);
        using TransportKeyFile read = TransportKeyFile.Parse(text.Utf8);
        Fields(read).ShouldBe(Fields(file));
        if (form == "compact")
        {
            text.Utf8.Length.ShouldBeLessThan(2700);
        }
    }

    [Fact]
    public void No_character_of_the_compact_form_can_change()
    {
        using TransportKeyFile file = Make();
        byte[] text = Encoding.UTF8.GetBytes(Text(file, "compact"));
        text.ShouldAllBe(c => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:".Contains((char)c));
        for (int i = 0; i < text.Length; i++)
        {
            foreach (char other in "7QU*\u0000")
            {
                byte[] changed = [.. text];
                changed[i] = (byte)other;
                if (changed[i] != text[i])
                {
                    Should.Throw<TransportKeyFileException>(() => TransportKeyFile.Parse(changed));
                }
            }
        }

        for (int length = 0; length < text.Length; length++)
        {
            Should.Throw<TransportKeyFileException>(() => TransportKeyFile.Parse(text.AsSpan(0, length)));
        }

        Fault(Encoding.ASCII.GetString(text) + "00").ShouldBe(TransportKeyFileFault.WrongChecksum);
    }

    [Fact]
    public void A_slip_in_a_line_of_the_sheet_is_told_with_its_line()
    {
        using TransportKeyFile file = Make();
        string[] lines = Text(file, "sheet").Split('\n');
        int first = Array.FindIndex(lines, l => l.StartsWith("01 ", StringComparison.Ordinal));
        for (int at = 3; at < lines[first + 2].Length; at++)
        {
            string line = lines[first + 2];
            if (line[at] == ' ')
            {
                continue;
            }

            foreach (char other in "8ZU!")
            {
                if (other != line[at])
                {
                    Refusal(Changed(2, line[..at] + other + line[(at + 1)..])).ShouldBe((TransportKeyFileFault.WrongLine, 3));
                }
            }

            if (at + 1 < line.Length && line[at + 1] != ' ' && line[at + 1] != line[at])
            {
                Refusal(Changed(2, line[..at] + line[at + 1] + line[at] + line[(at + 2)..])).ShouldBe((TransportKeyFileFault.WrongLine, 3));
            }
        }

        // Whole lines: left out, exchanged, twice, renumbered.
        Refusal(string.Join('\n', lines.Where((_, i) => i != first + 2))).ShouldBe((TransportKeyFileFault.MissingLine, 3));
        Refusal(Changed(2, lines[first + 2] + "\n" + lines[first + 2])).ShouldBe((TransportKeyFileFault.MissingLine, 4));
        Refusal(Changed(2, "03" + lines[first + 3][2..])).ShouldBe((TransportKeyFileFault.WrongLine, 3));
        Refusal(string.Join('\n', lines.Take(first + 3))).ShouldBe((TransportKeyFileFault.WrongChecksum, null));
        Refusal(string.Join('\n', lines.Take(first))).ShouldBe((TransportKeyFileFault.NotAKeyFile, null));

        string Changed(int line, string text)
        {
            string[] changed = [.. lines];
            changed[first + line] = text;
            return string.Join('\n', changed);
        }
    }

    [Fact]
    public void A_file_with_a_wrong_field_is_refused()
    {
        using TransportKeyFile file = Make();
        string text = Text(file, "file");
        JsonDocument.Parse(text).RootElement.GetProperty("fingerprint").GetString().ShouldBe(string.Join(' ', file.FingerprintWords));
        (string Old, string New, TransportKeyFileFault Fault)[] changes =
        [
            ("\"format\": \"watchword-", "\"format\": \"", TransportKeyFileFault.NotAKeyFile), ("\"version\": 1", "\"version\": 2", TransportKeyFileFault.UnsupportedVersion),
            ("\"version\": 1", "\"version\": 99999999999", TransportKeyFileFault.UnsupportedVersion), ("\"version\": 1", "\"version\": \"1\"", TransportKeyFileFault.NotAKeyFile),
            ("\"kmsUri\"", "\"other\"", TransportKeyFileFault.InvalidField), ("\"kmsUri\": \"kms", "\"userUri\": \"a\", \"kmsUri\": \"kms", TransportKeyFileFault.InvalidField),
            ("kms.example.org\"", "\\u0000\"", TransportKeyFileFault.InvalidField), ("\"id\": \"tk.", "\"id\": \" tk.", TransportKeyFileFault.InvalidField),
            ("\"created\": \"2026", "\"created\": \"x", TransportKeyFileFault.InvalidField), (Convert.ToBase64String(Trk), "", TransportKeyFileFault.InvalidField),
            (Convert.ToBase64String(Trk), Convert.ToBase64String(Trk[1..]), TransportKeyFileFault.InvalidField), (Convert.ToBase64String(Trk), "*", TransportKeyFileFault.InvalidField),
            (Convert.ToBase64String(Trk), Convert.ToBase64String(Ink), TransportKeyFileFault.WrongFingerprint), ("ink.12", "ink.13", TransportKeyFileFault.WrongFingerprint),
            (file.FingerprintWords[7], "zzz", TransportKeyFileFault.WrongFingerprint), ("\"transportKey\": {", "\"transportKey\": [{", TransportKeyFileFault.NotAKeyFile),
            ("{", "{{", TransportKeyFileFault.NotAKeyFile), ("\"kmsUri\": \"", "\"kmsUri\": \"\\ud800", TransportKeyFileFault.NotAKeyFile),
        ];
        foreach ((string old, string other, TransportKeyFileFault fault) in changes)
        {
            int at = text.IndexOf(old, StringComparison.Ordinal);
            at.ShouldBeGreaterThanOrEqualTo(0, old);
            Fault(text.Remove(at, old.Length).Insert(at, other)).ShouldBe(fault, old + " -> " + other);
        }

        Fault(text + "{}").ShouldBe(TransportKeyFileFault.NotAKeyFile);
        Fault("").ShouldBe(TransportKeyFileFault.NotAKeyFile);
        Fault("hello").ShouldBe(TransportKeyFileFault.NotAKeyFile);
        Fault("{" + new string(' ', TransportKeyFile.MaxOctets)).ShouldBe(TransportKeyFileFault.TooLarge);
        Should.Throw<TransportKeyFileException>(() => TransportKeyFile.Parse("{\"secret"u8)).ToString().ShouldNotContain("secret\"");
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    public void Fields_are_checked(string field) => Should.Throw<ArgumentException>(() => new TransportKeyFile(
        "k", "a", field, "c", TransportKey.Import("tk", Trk), IntegrityKey.Import("ink", Ink), TestDomain.Now));

    [Fact]
    public void The_words_are_256_easily_told_apart_and_the_fingerprint_covers_keys_and_ids()
    {
        KeyFingerprint.WordList.Count.ShouldBe(256);
        KeyFingerprint.WordList.Select(w => w[..Math.Min(4, w.Length)]).Distinct().Count().ShouldBe(256);
        KeyFingerprint.WordList.ShouldAllBe(w => w.Length >= 3 && w.All(char.IsAsciiLetterLower));
        KeyFingerprint.WordList.ShouldBe(KeyFingerprint.WordList.Order(StringComparer.Ordinal));

        using TransportKey transport = TransportKey.Import("tk", Trk), transportId = TransportKey.Import("tk2", Trk), transportKey = TransportKey.Import("tk", Ink);
        using IntegrityKey integrity = IntegrityKey.Import("ink", Ink), integrityId = IntegrityKey.Import("ink2", Ink), integrityKey = IntegrityKey.Import("ink", Trk);
        string[] all =
        [
            Words(transport, integrity), Words(transportId, integrity), Words(transportKey, integrity), Words(transport, integrityId), Words(transport, integrityKey),
        ];
        all.Distinct().Count().ShouldBe(all.Length);
        byte[] input = [.. "watchword-key-pair-1"u8, 0, 0, 0, 2, .. "tk"u8, .. Trk, 0, 0, 0, 3, .. "ink"u8, .. Ink];
        Words(transport, integrity).ShouldBe(string.Join(' ', System.Security.Cryptography.SHA256.HashData(input).Take(8).Select(o => KeyFingerprint.WordList[o])));

        static string Words(TransportKey t, IntegrityKey i) => string.Join(' ', KeyFingerprint.Words(t, i));
    }

    [Fact]
    public async Task The_compact_form_survives_a_QR_code()
    {
        using TransportKeyFile file = Make();
        DirectoryInfo directory = Directory.CreateTempSubdirectory("watchword-qr-");
        try
        {
            string image = Path.Combine(directory.FullName, "code.png"), input = Path.Combine(directory.FullName, "code.txt");
            await File.WriteAllTextAsync(input, Text(file, "compact"), TestContext.Current.CancellationToken);
            await Run("qrencode", "-o", image, "-l", "M", "-r", input);
            string scanned = await Run("zbarimg", "--quiet", "--raw", image);
            using TransportKeyFile read = TransportKeyFile.Parse(Encoding.UTF8.GetBytes(scanned));
            Octets(read.IntegrityKey).ShouldBe(Ink);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task<string> Run(string command, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            process.ExitCode.ShouldBe(0, await errors);
            return output;
        }
        catch (Win32Exception)
        {
            throw new InvalidOperationException($"{command} is not installed (./test.sh installs it).");
        }
    }

    private static TransportKeyFile Make() => new(
        "kms.example.org", "https://kms.example.org", "sip:us\u00e9r@example.org", "client-1", TransportKey.Import("tk.12.user@example.org", Trk),
        IntegrityKey.Import("ink.12.user@example.org", Ink), TestDomain.Now.AddTicks(1));

    private static (string, string, string, string, string, string, DateTimeOffset) Fields(TransportKeyFile file) =>
        (file.KmsUri, file.KmsAddress, file.UserUri, file.ClientId, file.TransportKey.Id, file.IntegrityKey.Id, file.Created);

    private static SecretText Export(TransportKeyFile file, string form) =>
        form switch { "file" => file.ExportFile(), "compact" => file.ExportCompact(), _ => file.ExportSheet() };

    private static string Text(TransportKeyFile file, string form)
    {
        using SecretText text = Export(file, form);
        return Encoding.UTF8.GetString(text.Utf8);
    }

    private static TransportKeyFileFault Fault(string text) => Refusal(text).Fault;

    private static (TransportKeyFileFault Fault, int? Line) Refusal(string text)
    {
        TransportKeyFileException refused = Should.Throw<TransportKeyFileException>(() => TransportKeyFile.Parse(Encoding.UTF8.GetBytes(text)));
        return (refused.Fault, refused.Line);
    }

    private static byte[] Octets(SecurityExtensionKey key)
    {
        byte[] octets = new byte[32];
        key.Export(octets);
        return octets;
    }
}
