using Watchword.McServices.Settings;

namespace Watchword.McServices.Tests.Settings;

public sealed class PocSettingsTests
{
    [Fact]
    public void Settings_are_read_and_written() => DocumentVector.Check(
        "poc_settings.json", octets => PocSettings.Parse(octets), settings => settings.Write(), Project);

    [Fact]
    public void Settings_are_written_as_deployed_peers_write_them()
    {
        byte[] written = new PocSettings
        {
            Entities =
            [
                new PocSettingsEntity
                {
                    Id = "urn:uuid:1", AnswerMode = AnswerMode.Automatic, SelectedUserProfileIndex = 1, MultiplexSupport = false,
                },
            ],
        }.Write();
        Samples.Canonical(written).ShouldBe(Samples.Canonical(Samples.Octets(
            "<poc-settings xmlns=\"urn:oma:params:xml:ns:poc:poc-settings\" xmlns:mcs10Set=\"urn:3gpp:mcsSettings:1.0\">"
            + "<entity id=\"urn:uuid:1\"><am-settings><answer-mode>automatic</answer-mode></am-settings>"
            + "<mcs10Set:selected-user-profile-index><mcs10Set:user-profile-index>1</mcs10Set:user-profile-index>"
            + "</mcs10Set:selected-user-profile-index><mcs10Set:multiplex-support>false</mcs10Set:multiplex-support>"
            + "</entity></poc-settings>")));
    }

    [Fact]
    public void Settings_without_an_entity_are_not_written() =>
        Should.Throw<ArgumentException>(() => new PocSettings { Entities = [] }.Write());

    [Fact]
    public void An_element_in_the_namespace_of_declarations_is_no_XML() => Should.Throw<McServicesFormatException>(
        () => PocSettings.Parse(Samples.Octets(
            "<poc-settings xmlns=\"urn:oma:params:xml:ns:poc:poc-settings\"><entity id=\"urn:uuid:1\"><xmlns:y/></entity></poc-settings>")))
        .Fault.ShouldBe(McServicesFormatFault.NotXml);

    private static Dictionary<string, object?> Project(PocSettings settings) => new()
    {
        ["ids"] = settings.Entities.Select(entity => entity.Id),
        ["modes"] = settings.Entities.Select(entity => entity.AnswerMode?.ToString()),
        ["indexes"] = settings.Entities.Select(entity => entity.SelectedUserProfileIndex),
        ["multiplex"] = settings.Entities.Select(entity => entity.MultiplexSupport),
        ["others"] = settings.Entities.SelectMany(entity => entity.Others).Select(other => other.Name.Name),
    };
}
