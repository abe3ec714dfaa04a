using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Watchword.Idm.Server.Storage.Migrations
{
    /// <inheritdoc />
    public partial class KmsRoles : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "KmsRoles",
                table: "Accounts",
                type: "TEXT",
                nullable: false,
                defaultValue: "");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "KmsRoles",
                table: "Accounts");
        }
    }
}
