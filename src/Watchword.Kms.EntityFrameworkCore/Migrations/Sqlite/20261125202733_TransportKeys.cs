using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Watchword.Kms.EntityFrameworkCore.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class TransportKeys : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "TransportKeyClient",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    KmsUri = table.Column<string>(type: "TEXT", nullable: false),
                    UserUri = table.Column<string>(type: "TEXT", nullable: false),
                    ClientId = table.Column<string>(type: "TEXT", nullable: false),
                    State = table.Column<int>(type: "INTEGER", nullable: false),
                    StateChangedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    LastSeenAt = table.Column<long>(type: "INTEGER", nullable: true),
                    IsExportable = table.Column<bool>(type: "INTEGER", nullable: false),
                    WrapProfile = table.Column<int>(type: "INTEGER", nullable: true),
                    LastNumber = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TransportKeyClient", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "TransportKeyPair",
                columns: table => new
                {
                    Owner = table.Column<long>(type: "INTEGER", nullable: false),
                    Number = table.Column<int>(type: "INTEGER", nullable: false),
                    TransportKeyId = table.Column<string>(type: "TEXT", nullable: false),
                    IntegrityKeyId = table.Column<string>(type: "TEXT", nullable: true),
                    State = table.Column<int>(type: "INTEGER", nullable: false),
                    Sealed = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Fingerprint = table.Column<string>(type: "TEXT", nullable: true),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    ReplacedAt = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TransportKeyPair", x => new { x.Owner, x.Number });
                    table.ForeignKey(
                        name: "FK_TransportKeyPair_TransportKeyClient_Owner",
                        column: x => x.Owner,
                        principalTable: "TransportKeyClient",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_TransportKeyClient_KmsUri_UserUri_ClientId",
                table: "TransportKeyClient",
                columns: new[] { "KmsUri", "UserUri", "ClientId" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "TransportKeyPair");

            migrationBuilder.DropTable(
                name: "TransportKeyClient");
        }
    }
}
