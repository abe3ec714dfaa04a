using System.Text.Json;

namespace Watchword.McServices.Tests;

/// <summary>
/// A file of <c>tests/vectors/mcservices</c>: documents that are taken, with what is read of them, and documents that are
/// refused, with fault and place.
/// </summary>
internal sealed record DocumentVector(int Id, string Comment, byte[] Document, JsonElement? Reads, string? Fault, string? Path)
{
    public static List<DocumentVector> Load(string file)
    {
        using JsonDocument json = JsonDocument.Parse(
            File.ReadAllText(RepositoryRoot.PathOf("tests", "vectors", "mcservices", file)));
        Dictionary<string, string> parts = json.RootElement.GetProperty("parts").EnumerateObject()
            .ToDictionary(part => "{" + part.Name + "}", part => part.Value.GetString()!);
        List<DocumentVector> vectors = [];
        foreach (JsonElement vector in json.RootElement.GetProperty("vectors").EnumerateArray())
        {
            bool valid = vector.GetProperty("result").GetString() == "valid";
            string xml = vector.GetProperty("xml").GetString()!;
            foreach ((string name, string text) in parts)
            {
                xml = xml.Replace(name, text, StringComparison.Ordinal);
            }

            vectors.Add(new DocumentVector(
                vector.GetProperty("id").GetInt32(),
                vector.GetProperty("comment").GetString()!,
                Samples.Octets(xml),
                valid ? vector.GetProperty("reads").Clone() : null,
                valid ? null : vector.GetProperty("fault").GetString(),
                valid ? null : vector.GetProperty("path").GetString()));
        }

        vectors.Select(vector => vector.Id).Distinct().Count().ShouldBe(vectors.Count, file);
        vectors.Count(vector => vector.Fault is null).ShouldBeGreaterThan(0, file);
        vectors.Count(vector => vector.Fault is not null).ShouldBeGreaterThan(0, file);
        return vectors;
    }

    /// <summary>
    /// Reads every vector: what is taken has the values of the file and is the same after writing and reading once more, what is
    /// refused has the fault and the place of the file, and nothing of its content is in the message.
    /// </summary>
    public static void Check<T>(
        string file, Func<ReadOnlyMemory<byte>, T> parse, Func<T, byte[]> write, Func<T, Dictionary<string, object?>> project)
    {
        foreach (DocumentVector vector in Load(file))
        {
            string name = $"{file} {vector.Id}: {vector.Comment}";
            if (vector.Fault is not null)
            {
                McServicesFormatException refused = Should.Throw<McServicesFormatException>(() => parse(vector.Document), name);
                refused.Fault.ToString().ShouldBe(vector.Fault, name);
                refused.ElementPath.ShouldBe(vector.Path, name);
                refused.Message.ShouldNotContain("SECRET", Case.Sensitive, name);
                continue;
            }

            T read = Try(() => parse(vector.Document), name);
            Compare(project(read), vector.Reads!.Value, name);
            byte[] written = write(read);
            T again = Try(() => parse(written), name + ", as written: " + Samples.Text(written));
            Compare(project(again), vector.Reads.Value, name + ", as written");
            Samples.Text(write(again)).ShouldBe(Samples.Text(written), name);
        }
    }

    private static T Try<T>(Func<T> parse, string name)
    {
        try
        {
            return parse();
        }
        catch (McServicesFormatException e)
        {
            throw new InvalidOperationException($"{name}: {e.Message}", e);
        }
    }

    private static void Compare(Dictionary<string, object?> read, JsonElement expected, string name)
    {
        foreach (JsonProperty property in expected.EnumerateObject())
        {
            read.ShouldContainKey(property.Name, name);
            JsonSerializer.Serialize(read[property.Name])
                .ShouldBe(JsonSerializer.Serialize(property.Value), $"{name}: {property.Name}");
        }
    }
}
