using System.Text.RegularExpressions;
using Watchword.McServices.Configuration;
using Watchword.McServices.Info;

namespace Watchword.McServices.Tests.Configuration;

public sealed partial class ConfigurationSchemaTests
{
    [Fact]
    public async Task Xmllint_accepts_every_document_that_is_written()
    {
        foreach ((string schema, _, byte[] document) in Documents.All())
        {
            (int exitCode, string output) = await XmlLint.Check(schema, document);
            exitCode.ShouldBe(0, output + Samples.Text(document));
        }
    }

    [Fact]
    public async Task Xmllint_refuses_a_wrong_value_as_the_validator_does()
    {
        byte[] wrong = Samples.Octets(Samples.Replaced(
            Samples.Text(Documents.Group.Write()), "<mcpttgi:protect-media>true<", "<mcpttgi:protect-media>SECRET<"));
        (int exitCode, _) = await XmlLint.Check("group.xsd", wrong);
        exitCode.ShouldNotBe(0);
        Faults(ApplicationUsage.Groups, wrong).ShouldBe(["/group/list-service/protect-media"]);
    }

    [Fact]
    public async Task Every_schema_is_used_by_a_document_or_by_another_schema()
    {
        string folder = RepositoryRoot.PathOf("docs", "schemas", "mc-services");
        string[] files = [.. Directory.GetFiles(folder, "*.xsd").Select(file => Path.GetFileName(file)!)];
        List<string> used = [.. Documents.All().Select(document => document.Schema)];
        foreach (string file in files)
        {
            string text = await File.ReadAllTextAsync(Path.Combine(folder, file), TestContext.Current.CancellationToken);
            text.ShouldContain("RECONSTRUCTED", Case.Sensitive, file);
            used.AddRange(Import().Matches(text).Select(match => match.Groups[1].Value));
        }

        used.Distinct().Order(StringComparer.Ordinal).ShouldBe(files.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_validator_accepts_every_document_that_is_written()
    {
        foreach ((_, ApplicationUsage? usage, byte[] document) in Documents.All())
        {
            if (usage is not null)
            {
                Faults(usage, document).ShouldBeEmpty(usage.Auid + Samples.Text(document));
            }
        }
    }

    [Fact]
    public void Many_threads_validate_with_one_schema()
    {
        byte[] right = Documents.Group.Write();
        byte[] wrong = Samples.Octets(Samples.Replaced(Samples.Text(right), "gi:protect-media>true<", "gi:protect-media>x<"));
        Parallel.For(0, 200, i =>
            ConfigurationSchema.Validate(ApplicationUsage.Groups, i % 2 == 0 ? right : wrong).Count.ShouldBe(i % 2));
    }

    [Fact]
    public void What_vendors_add_is_no_fault()
    {
        string text = Samples.Text(Documents.Profile(McServiceNames.McVideo).Write());
        text = Samples.Replaced(text, "<Status>",
            "<v:x xmlns:v='urn:v' v:y='z'><v:z/></v:x><Later a='b'>c<d/></Later><Status v='1'>");
        text = Samples.Replaced(text, "</Common>", "<anyExt><v:z xmlns:v='urn:v'/></anyExt></Common>");
        Faults(ApplicationUsage.Of(DocumentKind.UserProfile, McServiceKind.McVideo), Samples.Octets(text)).ShouldBeEmpty();
    }

    [Fact]
    public void Both_namespaces_of_a_user_profile_are_checked()
    {
        ApplicationUsage usage = ApplicationUsage.Of(DocumentKind.UserProfile, McServiceKind.McVideo);
        string text = Samples.Replaced(Samples.Text(Documents.Profile(McServiceNames.McVideo).Write()),
            "urn:3gpp:ns:mcvideo:user-profile:1.0", "urn:3gpp:mcvideo:user-profile:1.0");
        Faults(usage, Samples.Octets(text)).ShouldBeEmpty();
        Faults(usage, Samples.Octets(Samples.Replaced(text, "<Status>true<", "<Status>SECRET<")))
            .ShouldBe(["/mcvideo-user-profile/Status"]);
        UserProfile.Parse(McServiceNames.McVideo, Samples.Octets(text)).Index.ShouldBe(1);
    }

    [Fact]
    public void Faults_name_places_and_never_content()
    {
        ApplicationUsage usage = ApplicationUsage.Of(DocumentKind.ServiceConfiguration, McServiceKind.Mcptt);
        const string space = "xmlns='urn:3gpp:ns:mcpttServiceConfig:1.0'";
        Faults(usage, $"<service-configuration-info {space}><service-configuration-params/></service-configuration-info>")
            .ShouldBe(["/service-configuration-info/service-configuration-params"]);
        Faults(usage, $"<service-configuration-info {space}/>").ShouldBe(["service-configuration-params"]);
        Faults(usage, "<SECRET/>").ShouldBe(["/"]);
        Faults(usage, $"<service-configuration-info {space}><SECRET><integrity-protection>SECRET</integrity-protection></SECRET>"
            + "<service-configuration-params domain='d'/></service-configuration-info>")
            .ShouldBe(["/service-configuration-info/*/integrity-protection"]);
    }

    [Fact]
    public void The_number_of_faults_is_bounded_and_what_is_no_XML_is_told_apart()
    {
        ApplicationUsage usage = ApplicationUsage.UeInitialConfiguration;
        string many = string.Concat(Enumerable.Range(0, 100).Select(i => Repeated("<anyExt>", i % 20)
            + "<T100>x</T100>" + Repeated("</anyExt>", i % 20)));
        Faults(usage, $"<mcptt-UE-initial-configuration domain='d' "
            + $"xmlns='{usage.Namespace}'>{many}</mcptt-UE-initial-configuration>")
            .Count.ShouldBe(ConfigurationSchema.MaximumFaults);
        Samples.FaultOf(() => ConfigurationSchema.Validate(usage, Samples.Octets("<"))).ShouldBe(McServicesFormatFault.NotXml);
        Samples.FaultOf(() => ConfigurationSchema.Validate(usage, Samples.Octets("<!DOCTYPE a><a/>")))
            .ShouldBe(McServicesFormatFault.NotXml);
        Samples.FaultOf(() => ConfigurationSchema.Validate(usage, new byte[100], new XmlLimits { MaxOctets = 10 }))
            .ShouldBe(McServicesFormatFault.TooLarge);
    }

    private static string Repeated(string text, int times) => string.Concat(Enumerable.Repeat(text, times));

    private static List<string> Faults(ApplicationUsage usage, string document) => Faults(usage, Samples.Octets(document));

    private static List<string> Faults(ApplicationUsage usage, byte[] document) =>
        [.. ConfigurationSchema.Validate(usage, document).Select(fault => fault.ElementPath)];

    [GeneratedRegex("schemaLocation=\"([^\"]+)\"")]
    private static partial Regex Import();
}
