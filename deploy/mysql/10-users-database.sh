# user-service's database and its user, beside the ones that the image makes for auth-service from MYSQL_*.
# Sourced by the image's entrypoint when the volume is new. (It would run an executable file instead: this one is none.)

users_database=${MYSQL_DATABASE}_users

as_root() {
  # The image's own function knows its socket and the root password.
  if command -v docker_process_sql >/dev/null; then docker_process_sql; else mysql -uroot; fi
}

# In a grant, _ stands for any one letter unless it is escaped.
as_root <<SQL
CREATE DATABASE \`$users_database\`;
CREATE USER '$users_database'@'%' IDENTIFIED BY '${MYSQL_USERS_PASSWORD:?}';
GRANT ALL ON \`$(printf %s "$users_database" | sed 's/_/\\_/g')\`.* TO '$users_database'@'%';
SQL
